"""Request bodies, read as they arrive: forms, JSON, plain files."""
