"""`edgeocr read`: paths in, text out, over one stream to one server.

Paths become inputs, inputs are loaded while the server reads others, and results are written as they come.
"""

import argparse
import sys
from contextlib import ExitStack
from dataclasses import replace

from edgeocr.client.cli.messages import UsageError, complain
from edgeocr.client.cli.output import STANDARD_OUTPUT, Output, input_written_to, open_output
from edgeocr.client.cli.paths import Input, Inputs, expand
from edgeocr.client.cli.read.choices import document_choice, pdf_settings
from edgeocr.client.cli.read.kept_files import KeptFiles
from edgeocr.client.cli.read.live import LiveView
from edgeocr.client.cli.read.progress import Bar
from edgeocr.client.cli.read.results import Tally, finish, write_results
from edgeocr.client.cli.target import (
    ANSWER_SECONDS,
    connect,
    report_not_started,
    report_unreachable,
)
from edgeocr.client.errors import OcrError
from edgeocr.client.formats import Settings, Writer, writer_of
from edgeocr.client.local import LocalServer, LocalServerError
from edgeocr.client.sync import Client
from edgeocr.extras import MissingExtra

EXIT_SOME_FAILED = 1
EXIT_USAGE = 2


def run(arguments: argparse.Namespace) -> int:
    """Reads all paths.

    Returns 0, or 1 if some image failed, 2 for a wrong argument, 3 if no server answers.

    Raises:
        OutputError: the output cannot be written to; what was there before is there still.
    """
    if arguments.output == STANDARD_OUTPUT:
        arguments.output = None
    inputs = expand(arguments.paths)
    document = document_choice(arguments)
    pdf = pdf_settings(arguments, document.password)
    try:
        make = writer_of(arguments.format)
    except MissingExtra as missing:
        raise UsageError(str(missing)) from None
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
            limits = client.info(timeout_seconds=ANSWER_SECONDS).limits
        except OcrError as error:
            return report_unreachable(arguments.target, error)
        output = stack.enter_context(_open_output(arguments, make))
        progress = LiveView(sys.stderr, len(inputs.images)) if _is_live(arguments) else Bar(inputs.images)
        kept = KeptFiles(limits.file_bytes) if make.needs_files else None
        source = Input.source if kept is None else kept.source
        results = client.read_many(
            ((one.path, source(one)) for one in inputs.images),
            mode=arguments.mode,
            characters=arguments.characters or make.needs_characters,
            partial=arguments.partial,
            omit=arguments.omit,
            alternatives=arguments.alternatives,
            aligned_tables=arguments.aligned_tables,
            order=arguments.order.replace("-", "_"),
            in_flight=arguments.in_flight,
            document=document,
            on_page=progress.page,
            on_line=progress.line if isinstance(progress, LiveView) else None,
            timeout_seconds=arguments.timeout,
        )
        settings = Settings(several=len(inputs.images) > 1, formulas=arguments.formulas, pdf=pdf)
        if kept is not None:
            settings = replace(settings, source=kept.bytes_of)
            results = kept.released(results)
        writer = make(output.stream, settings)
        tally = write_results(results, writer, output, progress)
        # Standard output has the beginning already.
        keeps = bool(tally.read) or writer.reports_errors or not output.takes_place
        if keeps:
            finish(writer, output)
        _sum_up(arguments.output, inputs, tally, keeps)
    return EXIT_SOME_FAILED if tally.failed or tally.failed_pages else 0


def _sum_up(output: str | None, inputs: Inputs, tally: Tally, keeps: bool) -> None:
    """Prints a summary of several images or of an output file; a single image on a terminal needs none."""
    if output is None and len(inputs.images) + inputs.skipped == 1:
        return
    where = f"; written to {output}" if output is not None else ""
    complain(tally.summary(inputs.skipped) + (where if keeps else "; nothing was read, and nothing is written"))


def _is_live(arguments: argparse.Namespace) -> bool:
    """Whether lines are shown while they are read: for text on a terminal."""
    return bool(arguments.format == "text" and arguments.output is None and sys.stdout.isatty() and sys.stderr.isatty())


def _check_binary(arguments: argparse.Namespace, make: type[Writer]) -> None:
    """Raises UsageError if bytes would go to a terminal."""
    if make.is_binary and arguments.output is None and sys.stdout.isatty():
        raise UsageError(f"--format {arguments.format}: is not text; name a file with --output")


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
    """Raises UsageError if the output would replace an input."""
    read = [one.path for one in inputs.images] + ([password_file] if password_file else [])
    if (clash := input_written_to(output, read)) is not None:
        raise UsageError(f"--output: {output} is a file to be read ({clash}); write elsewhere")
