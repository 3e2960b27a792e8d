"""Opening files whose cost no header bounds: requests, what answers them, and the libraries behind."""
