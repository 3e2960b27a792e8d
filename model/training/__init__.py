"""Training of the networks, and evaluation on labelled lines and pages."""
