"""What commands say on standard error, without control characters, and the error that ends them."""

import sys

from edgeocr.client.printable import printable


class UsageError(Exception):
    """A command's arguments are wrong, which shows only once it runs; the text says how."""


def complain(message: str, program: str = "edgeocr") -> None:
    """Prints an error, in one line."""
    print(f"{program}: {printable(message)}", file=sys.stderr)
