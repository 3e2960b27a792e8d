"""The contracts of edgeocr, by version."""
