"""The arguments of `edgeocr bulk`."""

import argparse
from pathlib import Path

from edgeocr.model.files.document_options import DOTS_PER_INCH, TextLayer
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import DEFAULT_READING, Mode, Reading

_PART_FILES = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.description = (
        "Reads files and whole folders, here or behind URLs (s3://BUCKET/FOLDER), each processor with a pipeline of "
        "its own, and writes a row for each page into Parquet files. Started again with the same output, it goes on "
        "where it was. Files that cannot be read are named, and have a row with the reason."
    )
    parser.add_argument("places", metavar="PLACE", nargs="*", help="file, folder, or URL of one")
    parser.add_argument(
        "--list", metavar="FILE", type=Path, action="append", default=[], help="file with a path or URL in each line"
    )
    parser.add_argument(
        "--output", metavar="FOLDER", required=True, help="folder, or URL of one, for the Parquet files"
    )
    parser.add_argument("--mode", choices=[mode.value for mode in Mode], default="page", help="(default: %(default)s)")
    parser.add_argument("--workers", metavar="N", type=_count, help="processes (default: usable processors)")
    parser.add_argument(
        "--part-files",
        metavar="N",
        type=_count,
        default=_PART_FILES,
        help="files in a Parquet file: what each process has to read again if it is ended (default: %(default)s)",
    )
    parser.add_argument(
        "--dpi", metavar="N", type=float, default=DOTS_PER_INCH, help="of PDFs: resolution (default: %(default)g)"
    )
    parser.add_argument(
        "--text-layer",
        choices=[choice.value for choice in TextLayer],
        default="ignore",
        help="of PDFs: answer with the text that a page holds, where it holds some (default: %(default)s)",
    )
    parser.add_argument("--aligned-tables", action="store_true", help="find tables without rulings as well")
    parser.add_argument(
        "--reading",
        choices=[reading.value for reading in Reading],
        default=DEFAULT_READING.value,
        help="recognisers that lines are read with: the fast one, and again the accurate one where that is not sure "
        "(adaptive), or one of them alone (default: %(default)s)",
    )
    parser.add_argument("--models", type=Path, default=DEFAULT_FOLDER, help="folder of the weights")
    parser.add_argument(
        "--address", help="of a Ray cluster whose machines have edgeocr[bulk] (default: this machine alone)"
    )


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return value
