"""Errors that keep the server from starting; those that clients see are in `edgeocr.model.errors`."""


class StartError(Exception):
    """The server cannot start; the text says why."""
