"""Faults put into the server on purpose, one at a time: the tests have to notice each of them."""
