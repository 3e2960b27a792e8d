"""`edgeocr read`: paths in, text out, over one stream to one server."""
