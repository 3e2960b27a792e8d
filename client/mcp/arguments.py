"""The arguments of `edgeocr mcp`."""

import argparse

from edgeocr.client.cli.target_arguments import add_server

PAGES_A_CALL = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("--root", metavar="FOLDER", help="folder whose files may be read (default: no files are read)")
    parser.add_argument("--no-urls", action="store_true", help="fetch no URLs (default: fetch those of public hosts)")
    parser.add_argument(
        "--pages-per-call",
        metavar="N",
        type=int,
        default=PAGES_A_CALL,
        help=f"maximum number of pages in one answer (default: {PAGES_A_CALL})",
    )
    add_server(parser, may_be_local=True)
