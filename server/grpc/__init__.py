"""The gRPC transport: it converts between wire messages and domain values."""
