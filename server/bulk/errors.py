"""Why an archive cannot be read at all; that a file cannot be read is part of the result."""


class BulkError(Exception):
    """The work cannot begin; the text says why, for the caller."""
