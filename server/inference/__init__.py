"""The Open Inference Protocol, independent of its transport."""
