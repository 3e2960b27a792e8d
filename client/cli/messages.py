"""Messages of commands on standard error, free of control characters, and the error that ends a command."""

import sys

from edgeocr.client.printable import printable


class UsageError(Exception):
    """A command's arguments are invalid in a way that only running it shows; the text says how."""


def complain(message: str, program: str = "edgeocr") -> None:
    """Prints an error, in one line."""
    print(f"{program}: {printable(message)}", file=sys.stderr)
