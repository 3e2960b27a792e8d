"""The Open Inference Protocol on top of the same reading."""
