"""`edgeocr health`: a readiness check for probes. It needs no token."""
