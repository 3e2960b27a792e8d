"""Writing the quantised recogniser as ONNX graphs."""
