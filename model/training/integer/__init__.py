"""Quantisation of the trained float recogniser to a graph that runs in integer kernels."""
