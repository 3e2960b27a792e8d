"""Reading: pixels in, text out. `pipeline` is the entry; nothing here knows how requests travel."""
