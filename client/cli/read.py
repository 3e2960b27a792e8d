"""`edgeocr read`: paths in, text out, over one stream to one server.

Paths become inputs, inputs are loaded while the server reads others, and results are written as they come.
"""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import get_args

from edgeocr.client.cli.live import LiveView
from edgeocr.client.cli.messages import complain
from edgeocr.client.cli.paths import STANDARD_INPUT, Inputs, expand
from edgeocr.client.cli.progress import Bar
from edgeocr.client.cli.results import Tally, finish, write_results
from edgeocr.client.cli.target import (
    ANSWER_SECONDS,
    add_target,
    add_tls,
    add_token,
    connect,
    report_not_started,
    report_unreachable,
)
from edgeocr.client.errors import OcrError, UsageError
from edgeocr.client.formats import WRITERS, Settings, Writer
from edgeocr.client.local import LocalServer, LocalServerError
from edgeocr.client.options import DocumentChoice, Preparation
from edgeocr.client.output import STANDARD_OUTPUT, Output, input_written_to, open_output
from edgeocr.client.sync import Client

SUMMARY = "read the text of images and documents"

EXIT_SOME_FAILED = 1
EXIT_USAGE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", help="file, folder, pattern such as 'scans/*.png', or - for standard input"
    )
    server = parser.add_mutually_exclusive_group()
    add_target(server)
    server.add_argument("--local", action="store_true", help="start a server for this command alone")
    add_tls(parser)
    add_token(parser)
    parser.add_argument("--mode", choices=("page", "line"), default="page", help="page (default), or one line an image")
    parser.add_argument(
        "--format",
        choices=sorted(WRITERS),
        default="text",
        help="form of the output: plain text (default), markdown, json or jsonl, csv with a row for every line, hocr, "
        "alto, or pdf, the pages with their text to be searched",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="write here rather than to standard output; what is there stays until all is written",
    )
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=_positive_number, help="most seconds for one image (default: no limit)"
    )
    parser.add_argument(
        "--partial", action="store_true", help="with --timeout: the lines read in time rather than an error"
    )
    parser.add_argument(
        "--in-flight", metavar="N", type=_positive_count, help="most images on their way (default: the server's limit)"
    )
    parser.add_argument(
        "--order",
        choices=("ordered", "as-completed"),
        default="ordered",
        help="results in the order of the images (default), or each as soon as it is there",
    )
    parser.add_argument(
        "--pages", metavar="LIST", help="of documents: the pages to read, such as 1-3,7 or 9- (default: all)"
    )
    parser.add_argument(
        "--dpi", metavar="N", type=_positive_number, help="of PDFs: resolution to read them at (default: 200)"
    )
    parser.add_argument("--password-file", metavar="FILE", help="of PDFs: file whose first line opens encrypted ones")
    parser.add_argument(
        "--text-layer",
        choices=("ignore", "use"),
        default="ignore",
        help="of PDFs: answer with the text that a page holds, where it holds some, rather than read it "
        "(default: ignore)",
    )
    parser.add_argument(
        "--omit",
        action="append",
        default=[],
        choices=get_args(Preparation),
        help="leave alone what is on its side or upside down, what is askew, or what is dark or faint, or look for no "
        "tables; may be repeated",
    )
    parser.add_argument(
        "--formulas",
        action="store_true",
        help="with csv and markdown: leave cells that begin with = + - @ as they are, though spreadsheets run them "
        "(default: mark them as text)",
    )
    parser.add_argument("--characters", action="store_true", help="with json and jsonl: every line's characters")


def run(arguments: argparse.Namespace) -> int:
    """Reads all paths.

    Returns 0, or 1 if some image failed, 2 for a wrong argument, 3 if no server answers.

    Raises:
        OutputError: the output cannot be written to; what was there before is there still.
    """
    if arguments.output == STANDARD_OUTPUT:
        arguments.output = None
    inputs = expand(arguments.paths)
    document = _document(arguments)
    make = WRITERS[arguments.format]
    _check_binary(arguments, make)
    _check_output(arguments.output, inputs, arguments.password_file)
    with ExitStack() as stack:
        if arguments.local:
            try:
                client = stack.enter_context(Client(stack.enter_context(LocalServer()).target))
            except LocalServerError as error:
                return report_not_started(error)
        else:
            client = stack.enter_context(connect(arguments))
        try:
            client.info(timeout_seconds=ANSWER_SECONDS)
        except OcrError as error:
            return report_unreachable(arguments.target, error)
        output = stack.enter_context(_open_output(arguments, make))
        progress = LiveView(sys.stderr, len(inputs.images)) if _is_live(arguments) else Bar(inputs.images)
        results = client.read_many(
            ((one.path, one.source()) for one in inputs.images),
            mode=arguments.mode,
            characters=arguments.characters or make.needs_characters,
            partial=arguments.partial,
            omit=arguments.omit,
            order=arguments.order.replace("-", "_"),
            in_flight=arguments.in_flight,
            document=document,
            on_page=progress.page,
            on_line=progress.line if isinstance(progress, LiveView) else None,
            timeout_seconds=arguments.timeout,
        )
        writer = make(output.stream, Settings(len(inputs.images) > 1, arguments.formulas))
        tally = write_results(results, writer, output, progress)
        keeps = bool(tally.read) or writer.reports_errors
        if keeps:
            finish(writer, output)
        _sum_up(arguments.output, inputs, tally, keeps)
    return EXIT_SOME_FAILED if tally.failed or tally.failed_pages else 0


def _sum_up(output: str | None, inputs: Inputs, tally: Tally, keeps: bool) -> None:
    """Says what became of many images, or of a file that was asked for; one on a terminal speaks for itself."""
    if output is None and len(inputs.images) + inputs.skipped == 1:
        return
    where = f"; written to {output}" if output is not None else ""
    complain(tally.summary(inputs.skipped) + (where if keeps else "; nothing was read, and nothing is written"))


def _is_live(arguments: argparse.Namespace) -> bool:
    """Whether somebody sees lines while they are read: text that goes to a terminal."""
    return bool(arguments.format == "text" and arguments.output is None and sys.stdout.isatty() and sys.stderr.isatty())


def _document(arguments: argparse.Namespace) -> DocumentChoice:
    """What the arguments say of documents.

    Raises:
        UsageError: they are wrong, or the password's file cannot be read.
    """
    file = arguments.password_file
    try:
        # Never from the command line, which every user of a machine can read.
        password = "" if file is None else Path(file).read_text("utf-8").partition("\n")[0].removesuffix("\r")
        return DocumentChoice(arguments.pages, arguments.dpi or 0.0, password, arguments.text_layer)
    except OSError as error:
        raise UsageError(f"--password-file: {error.strerror}: {file}") from None
    except ValueError as error:
        raise UsageError(str(error)) from None


def _check_binary(arguments: argparse.Namespace, make: type[Writer]) -> None:
    """A file of bytes needs a place, and pages that can be had again.

    Raises:
        UsageError: there is none.
    """
    if not make.is_binary:
        return
    if arguments.output is None and sys.stdout.isatty():
        raise UsageError(f"--format {arguments.format}: is no text; say where it goes with --output")
    if STANDARD_INPUT in arguments.paths:
        raise UsageError(f"--format {arguments.format}: needs the images' files again; standard input is none")


def _open_output(arguments: argparse.Namespace, make: type[Writer]) -> Output:
    """Opens the output; standard output has UTF-8 but for plain text.

    Raises:
        UsageError: it cannot be written there, or one of the inputs is there.
    """
    try:
        encoding = sys.stdout.encoding if arguments.format == "text" else "utf-8"
        return open_output(arguments.output, binary=make.is_binary, encoding=encoding or "utf-8")
    except OSError as error:
        raise UsageError(f"--output: {error.strerror}: {arguments.output}") from None


def _check_output(output: str | None, inputs: Inputs, password_file: str | None) -> None:
    """Raises UsageError if the output would take the place of what is read."""
    read = [one.path for one in inputs.images] + ([password_file] if password_file else [])
    if (clash := input_written_to(output, read)) is not None:
        raise UsageError(f"--output: {output} is a file to be read ({clash}); write elsewhere")


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
