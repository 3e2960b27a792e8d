"""Calibration of confidences, and of plates' provinces, on rendered lines that training does not use."""
