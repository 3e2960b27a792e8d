"""The arguments of `edgeocr doctor`."""

import argparse
from pathlib import Path

from edgeocr.model.networks.manifest import DEFAULT_FOLDER


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.description = (
        "Tells what this machine offers the server: instructions for integers, NUMA nodes, limits, allocator, clock, "
        "and whether the weights are whole and read. Ends with 1 if something would keep the server from its work; "
        "warnings do not count."
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(default: %(default)s)")
    parser.add_argument("--models", type=Path, default=DEFAULT_FOLDER, help="folder of the weights to test")
    parser.add_argument(
        "--root",
        type=Path,
        default=Path("/"),
        help="folder with the proc and sys of the machine to look at; weights are tried here (default: %(default)s)",
    )
