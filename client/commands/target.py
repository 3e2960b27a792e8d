"""Which server a command talks to, and what it says when that one does not answer."""

import argparse
import os
import sys

from edgeocr.client.channel import DEFAULT_TARGET
from edgeocr.client.errors import OcrError

TARGET_VARIABLE = "EDGEOCR_TARGET"

EXIT_UNREACHABLE = 3

ANSWER_SECONDS = 10.0
"""How long a server may take to say what it is."""


def add_target(arguments: argparse._ActionsContainer) -> None:
    """Adds `--target` to a parser or group."""
    arguments.add_argument(
        "--target",
        metavar="HOST:PORT",
        default=os.environ.get(TARGET_VARIABLE) or DEFAULT_TARGET,
        help=f"the server, also unix:PATH (default: {TARGET_VARIABLE}, or else {DEFAULT_TARGET})",
    )


def report_unreachable(target: str, error: OcrError) -> int:
    """Says on stderr that the server does not answer, and returns the exit code for it."""
    print(f"edgeocr: no answer from the server at {target}: {error}", file=sys.stderr)
    print("edgeocr: start one with `edgeocr serve`, or read with `--local`", file=sys.stderr)
    return EXIT_UNREACHABLE
