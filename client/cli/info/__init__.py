"""`edgeocr info`: what a server is, which models it runs, and what it accepts."""
