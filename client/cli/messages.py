"""Messages of commands on standard error, free of control characters."""

import sys

from edgeocr.client.printable import printable


class NoServer(Exception):
    """No server answers, or a private one does not start; each line of the text is a message."""


def complain(message: str, program: str = "edgeocr") -> None:
    """Prints an error, in one line."""
    print(f"{program}: {printable(message)}", file=sys.stderr)
