"""Runs the clients of other languages in examples/clients against a server, each from the contract alone."""
