"""Writes the quantised recogniser as ONNX graphs."""
