"""The arguments of `edgeocr read`."""

import argparse
import re
from typing import get_args

from edgeocr.choices import Order, Preparation, Reading, TextLayer
from edgeocr.client.cli.target_arguments import add_server
from edgeocr.client.formats import FORMATS, ExistingText

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="+",
        help="file, folder, pattern such as 'scans/*.png', URL of http, https or s3, or - for standard input",
    )
    add_server(parser, may_be_local=True)
    parser.add_argument(
        "--mode", choices=("page", "line"), default="page", help="page (default), or one line per image"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="form of the output: plain text (default), markdown, json or jsonl, csv with a row for every line, "
        "tables-csv or xlsx with the tables alone, hocr, alto, or pdf, the pages with their text to be searched",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--output",
        metavar="FILE",
        help="write to FILE instead of standard output; an existing file is replaced once all is written",
    )
    where.add_argument(
        "--output-dir",
        metavar="FOLDER",
        help="write a file for each input into FOLDER as soon as it is read, in a tree as the inputs' below the folder "
        "that they share; its name is the input's with the form's suffix added",
    )
    parser.add_argument(
        "--skip-existing", action="store_true", help="with --output-dir: leave out inputs whose file is there already"
    )
    parser.add_argument(
        "--progress",
        action="store_true",
        help="report each page on standard error once it is read, also without a terminal",
    )
    parser.add_argument(
        "--private-urls",
        action="store_true",
        help="fetch URLs of hosts with addresses of private networks as well (default: refuse them)",
    )
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=_positive_number, help="timeout for each image (default: none)"
    )
    parser.add_argument(
        "--partial", action="store_true", help="with --timeout: return the lines read in time instead of an error"
    )
    parser.add_argument(
        "--in-flight",
        metavar="N",
        type=_positive_count,
        help="maximum number of images in flight (default: the server's limit)",
    )
    parser.add_argument(
        "--order",
        type=_order,
        choices=get_args(Order),
        default="ordered",
        help="results in the order of the images (default), or each as soon as it is available",
    )
    parser.add_argument(
        "--pages",
        metavar="LIST",
        help="of documents: the pages to read, counted from 1, such as 1-3,7 or 9- (default: all)",
    )
    parser.add_argument(
        "--dpi", metavar="N", type=_positive_number, help="of PDFs: resolution to read them at (default: 200)"
    )
    parser.add_argument("--password-file", metavar="FILE", help="of PDFs: file whose first line opens encrypted ones")
    parser.add_argument(
        "--text-layer",
        choices=get_args(TextLayer),
        help="of PDFs: use the text that a page contains, if any, instead of recognition "
        "(default: ignore; with --format pdf use, but for --existing-text redo)",
    )
    parser.add_argument(
        "--omit",
        action="append",
        default=[],
        choices=get_args(Preparation),
        help="disable the correction of turned, skewed, or dark and faint pages, or the search for tables; repeatable",
    )
    parser.add_argument(
        "--formulas",
        action="store_true",
        help="with csv and markdown: leave cells that begin with = + - @ unchanged, though spreadsheets run them "
        "(default: mark them as text)",
    )
    parser.add_argument(
        "--reading",
        choices=get_args(Reading),
        help="recognisers that lines are read with: the fast one, and again the accurate one where that is not sure "
        "(adaptive), or one of them alone (default: as the server is set)",
    )
    _add_pdf_arguments(parser.add_argument_group("with --format pdf"))
    parser.add_argument("--characters", action="store_true", help="with json and jsonl: every line's characters")
    parser.add_argument(
        "--alternatives", action="store_true", help="like --characters, with what doubtful characters may be instead"
    )
    parser.add_argument(
        "--aligned-tables", action="store_true", help="find tables without rulings too, by columns that are aligned"
    )


def _add_pdf_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--existing-text",
        choices=get_args(ExistingText),
        help="pages of PDFs that have text: leave them as they are (skip, the default), read what else they show "
        "and replace what they do not show (redo), or write nothing of their file (refuse)",
    )
    group.add_argument("--pdf-a", action="store_true", help="make a PDF/A-2b file, of images only")
    group.add_argument("--deskew", action="store_true", help="straighten pages made from images")
    group.add_argument(
        "--language",
        metavar="TAG",
        type=_language,
        help="language that the file states, such as en or zh-Hans (default: zh where it is, else none)",
    )


def _order(text: str) -> str:
    # Hyphens are what the other options have.
    return text.replace("-", "_")


def _positive_number(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be more than 0, not {text}")
    return value


def _positive_count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return value


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"must be a tag such as en or zh-Hans, not {text}")
    return text
