"""`edgeocr read`: paths in, text out, over one stream to one server.

Paths become inputs, inputs are loaded while the server reads others, and results are written as they come.
"""

import argparse
import io
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any, get_args

from tqdm import tqdm

from edgeocr.client.cli.live import LiveView
from edgeocr.client.cli.paths import STANDARD_INPUT, Input, expand
from edgeocr.client.cli.target import (
    ANSWER_SECONDS,
    EXIT_UNREACHABLE,
    add_target,
    add_tls,
    add_token,
    connect,
    report_unreachable,
)
from edgeocr.client.errors import OcrError, UsageError
from edgeocr.client.formats import WRITERS, Writer
from edgeocr.client.local import LocalServer, LocalServerError
from edgeocr.client.options import DocumentChoice, Preparation
from edgeocr.client.streaming.results import ImageResult
from edgeocr.client.sync import Client
from edgeocr.proto.edgeocr.v1 import ocr_pb2

SUMMARY = "read the text of images and documents"

_DOCUMENT_SUFFIXES = frozenset({".pdf", ".tif", ".tiff"})

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
    parser.add_argument("--output", metavar="FILE", help="write here rather than to standard output")
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
    parser.add_argument("--characters", action="store_true", help="with json and jsonl: every line's characters")


def run(arguments: argparse.Namespace) -> int:
    """Reads all paths; returns 0, or 1 if some image failed, 2 for a wrong argument, 3 if no server answers."""
    inputs = expand(arguments.paths)
    document = _document(arguments)
    make = WRITERS[arguments.format]
    _check_binary(arguments, make)
    with ExitStack() as stack:
        if arguments.local:
            try:
                client = stack.enter_context(Client(stack.enter_context(LocalServer()).target))
            except LocalServerError as error:
                print(f"edgeocr: {error}", file=sys.stderr)
                return EXIT_UNREACHABLE
        else:
            client = stack.enter_context(connect(arguments))
        try:
            client.info(timeout_seconds=ANSWER_SECONDS)
        except OcrError as error:
            return report_unreachable(arguments.target, error)
        try:
            output = stack.enter_context(_open_output(arguments.output, arguments.format, make.is_binary))
        except OSError as error:
            print(f"edgeocr read: --output: {error.strerror}: {arguments.output}", file=sys.stderr)
            return EXIT_USAGE
        progress = _Bar(inputs) if not _is_live(arguments) else LiveView(sys.stderr, len(inputs))
        results = client.read_many(
            ((one.path, one.source()) for one in inputs),
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
        writer = make(output, several=len(inputs) > 1)
        return _write(results, writer, progress)


def _is_live(arguments: argparse.Namespace) -> bool:
    """Whether somebody sees lines while they are read: text that goes to a terminal."""
    return bool(arguments.format == "text" and arguments.output is None and sys.stdout.isatty() and sys.stderr.isatty())


class _Bar:
    """A bar of pages, each image being one until it is known to have more; hidden where one image is all there is."""

    def __init__(self, inputs: list[Input]) -> None:
        many = len(inputs) > 1 or any(Path(one.path).suffix.lower() in _DOCUMENT_SUFFIXES for one in inputs)
        hidden = not many or not sys.stderr.isatty()
        self.bar = tqdm(total=len(inputs), unit="page", file=sys.stderr, disable=hidden)
        self._read: Counter[str] = Counter()

    def page(self, path: str, event: ocr_pb2.PageEvent) -> None:
        """A page is read."""
        if not self._read[path]:
            self.bar.total = (self.bar.total or 0) + event.page_count - 1
        self._read[path] += 1
        self.bar.update()

    def image(self, path: str) -> None:
        """An image is done, with pages or without."""
        if not self._read.pop(path, 0):
            self.bar.update()

    @contextmanager
    def away(self) -> Iterator[None]:
        """While its block writes, no bar is shown."""
        with tqdm.external_write_mode(file=sys.stdout):
            yield

    def close(self) -> None:
        """Leaves the bar as it is."""
        self.bar.close()


def _write(results: Iterator[ImageResult[str]], writer: Writer, progress: _Bar | LiveView) -> int:
    """Writes results over the progress, errors to stderr where the format has no place for them."""
    code = 0
    with closing(progress):
        for result in results:
            with progress.away():
                try:
                    writer.write(result)
                except OcrError as unwritten:
                    code = EXIT_SOME_FAILED
                    print(f"edgeocr: {result.key}: {unwritten}", file=sys.stderr)
                for where, error in _errors(result):
                    code = EXIT_SOME_FAILED
                    if not writer.reports_errors:
                        print(f"edgeocr: {where}: {error}", file=sys.stderr)
            progress.image(result.key)
    writer.finish()
    return code


def _errors(result: ImageResult[str]) -> Iterator[tuple[str, OcrError]]:
    """The image's error, or those of its pages, and where they were."""
    if result.error is not None:
        yield result.key, result.error
    if result.document is not None:
        for page in result.document.pages:
            if page.HasField("error"):
                yield f"{result.key}, page {page.index + 1}", OcrError.from_status(page.error)


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


@contextmanager
def _open_output(path: str | None, form: str, is_binary: bool) -> Iterator[IO[Any]]:
    """Opens the file, or makes standard output fit.

    All forms but plain text are UTF-8, and no character that the output lacks ends the work.
    """
    if is_binary:
        with open(path, "wb") if path is not None else nullcontext(sys.stdout.buffer) as binary:
            yield binary
        return
    if path is not None:
        with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
            yield file
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding = sys.stdout.encoding if form == "text" else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")
    yield sys.stdout


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
