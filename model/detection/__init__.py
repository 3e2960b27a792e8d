"""Text detection: a page in, the polygons of its lines out, whichever way up the page is."""
