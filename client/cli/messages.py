"""Messages of commands on standard error, without control characters."""

import sys

from edgeocr.client.printable import printable


def complain(message: str, program: str = "edgeocr") -> None:
    """Prints an error, in one line."""
    print(f"{program}: {printable(message)}", file=sys.stderr)
