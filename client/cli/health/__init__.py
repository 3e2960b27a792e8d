"""`edgeocr health`: whether a server reads images, for probes. It needs no token."""
