"""The Open Inference Protocol over HTTP, with Triton's extension for binary data."""
