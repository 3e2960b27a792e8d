"""The text detector: a published float network, quantised to integers from pixels to probability map."""
