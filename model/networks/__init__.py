"""Weights to sessions: the manifest, ONNX Runtime sessions, and weights as each processor takes them."""
