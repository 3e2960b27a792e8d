"""The arguments of `edgeocr serve`."""

import argparse

from edgeocr.server.settings import config_sources


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    config_sources.add_arguments(parser)
    parser.add_argument(
        "--check-config",
        action="store_true",
        help="check the settings and the files that they name, and start nothing",
    )
    parser.add_argument(
        "--print-config",
        action="store_true",
        help="print all settings as a TOML file, each with where it comes from, and start nothing",
    )
    parser.add_argument(
        "--check-health",
        metavar="SECONDS",
        type=float,
        help="wait for the server that runs with these settings to be ready, so long at most, by its metrics' address; "
        "start nothing",
    )
    parser.add_argument(
        "--end-with-input",
        action="store_true",
        help="stop as by SIGTERM once standard input ends, as it does when the process that holds its other end is "
        "gone, and remove the folder of a unix socket if that leaves it empty",
    )
