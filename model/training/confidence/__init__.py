"""How likely a line that was read is right: calibrated on rendered lines kept apart."""
