"""The product's own server, which notes each image that it receives in a file; the note outlives a SIGKILL.

python -m tests.checks.fleet.server --notes FILE [arguments of `edgeocr serve`]
"""

import argparse
import hashlib
import os
import sys
from pathlib import Path
from typing import Any

from edgeocr.server import command
from edgeocr.server.arguments import add_arguments
from edgeocr.server.grpc.messages import convert


def note_images(file: Path) -> None:
    """Has every image's digest written down when a call hands it in."""
    notes = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    original = convert.image_source

    def noting(image: Any) -> Any:
        os.write(notes, (hashlib.sha256(image.encoded).hexdigest() + "\n").encode())
        return original(image)

    convert.image_source = noting


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=Path, required=True, help="where to note images")
    add_arguments(parser)
    arguments = parser.parse_args()
    note_images(arguments.notes)
    return command.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
