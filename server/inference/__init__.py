"""The Open Inference Protocol, as every transport of it answers it."""
