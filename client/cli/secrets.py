"""Files that contain secrets: tokens and passwords."""

import os
from pathlib import Path

from edgeocr.client.cli.messages import complain

_OTHERS = 0o007


def read_secret(option: str, file: str) -> str:
    """Reads the text of a file; warns if every user of the machine can read it.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is not UTF-8.
    """
    with Path(file).open(encoding="utf-8") as opened:
        if os.fstat(opened.fileno()).st_mode & _OTHERS:
            complain(f"{option}: {file} is a secret that every user of this machine can read")
        return opened.read()
