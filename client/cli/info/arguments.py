"""The arguments of `edgeocr info`."""

import argparse

from edgeocr.client.cli.target_arguments import add_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add_server(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="form of the output (default: text)")
