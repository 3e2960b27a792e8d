"""Evaluation: accuracy on labelled lines beside published recognisers, scoring, operators."""
