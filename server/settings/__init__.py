"""The server's settings, their sources and checks."""
