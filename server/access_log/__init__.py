"""The access log: calls, callers and outcomes, without any recognized text."""
