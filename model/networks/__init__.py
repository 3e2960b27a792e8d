"""From weights to sessions: the manifest, ONNX Runtime sessions, and the form of weights for each processor."""
