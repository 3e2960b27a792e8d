"""Request bodies, read as they arrive: forms, JSON, files as they are."""
