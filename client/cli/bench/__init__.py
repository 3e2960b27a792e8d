"""`edgeocr bench`: a load on a server, and what became of it."""
