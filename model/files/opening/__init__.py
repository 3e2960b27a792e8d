"""Opening files whose cost no header tells: requests, what answers them, and the libraries behind."""
