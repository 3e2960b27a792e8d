"""The Open Inference Protocol, whose names are not ours to choose."""
