"""Protobuf messages, made from what the server knows and read from what callers send."""
