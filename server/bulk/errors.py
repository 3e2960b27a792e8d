"""Errors that prevent reading an archive; errors of single files are part of the result."""


class BulkError(Exception):
    """The work cannot start; the text says why."""
