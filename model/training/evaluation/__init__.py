"""Evaluation: accuracy on labelled lines compared with published recognisers, scoring, operators."""
