"""`edgeocr bench`: a load test of a server."""
