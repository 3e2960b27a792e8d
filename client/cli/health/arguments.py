"""The arguments of `edgeocr health`."""

import argparse

from edgeocr.client.cli.target_arguments import add_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add_server(parser, with_token=False)
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=float,
        default=0.0,
        help="wait for the server at most this long (default: do not wait)",
    )
