"""What commands say on standard error, in lines that no terminal obeys."""

import sys

from edgeocr.client.printable import printable


def complain(message: str, program: str = "edgeocr") -> None:
    """Says what went wrong, in one line."""
    print(f"{program}: {printable(message)}", file=sys.stderr)
