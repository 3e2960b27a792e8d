"""Files for tests, written here byte by byte or drawn."""
