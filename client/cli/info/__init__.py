"""`edgeocr info`: describes a server: its version, models and limits."""
