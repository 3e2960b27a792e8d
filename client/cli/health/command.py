"""`edgeocr health`: a readiness check for probes. It needs no token."""

import argparse

from edgeocr.client.cli.messages import complain
from edgeocr.client.cli.target import ANSWER_SECONDS, connect
from edgeocr.client.errors import OcrError
from edgeocr.commands import EXIT_FAILED


def run(arguments: argparse.Namespace) -> int:
    """Prints whether the server is ready, or why not; returns 0 if it is, and 1 if it is not or does not answer."""
    with connect(arguments, with_token=False) as client:
        try:
            if arguments.wait > 0:
                client.wait_until_serving(arguments.wait)
                why = ""
            else:
                why = client.why_not_serving(timeout_seconds=ANSWER_SECONDS)
        except OcrError as error:
            complain(f"{arguments.target}: {error}")
            return EXIT_FAILED
    print(f"not serving: {why}" if why else "serving")
    return EXIT_FAILED if why else 0
