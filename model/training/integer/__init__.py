"""Quantisation: from the trained recogniser in floats to a graph that runs in integer kernels."""
