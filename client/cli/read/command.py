"""`edgeocr read`: paths in, text out, over one stream to one server.

Paths become inputs; inputs are loaded while the server reads others; results are written as they arrive.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from edgeocr.client.cli.messages import complain
from edgeocr.client.cli.output import STANDARD_OUTPUT, Output, input_written_to, open_output
from edgeocr.client.cli.paths import Input, Inputs, expand
from edgeocr.client.cli.read.choices import document_choice, pdf_settings
from edgeocr.client.cli.read.destination import Destination, OneOutput, OutputFolder
from edgeocr.client.cli.read.kept_files import KeptFiles
from edgeocr.client.cli.read.live import LiveView
from edgeocr.client.cli.read.places import check_places, output_places, without_doubles
from edgeocr.client.cli.read.progress import Bar, PageLog, Progress
from edgeocr.client.cli.read.results import Tally, write_results
from edgeocr.client.cli.target import connect, private_server, server_info
from edgeocr.client.formats import Settings, Writer, writer_of
from edgeocr.client.sync import Client
from edgeocr.commands import EXIT_FAILED, UsageError
from edgeocr.extras import MissingExtra


def run(arguments: argparse.Namespace) -> int:
    """Reads all inputs.

    Returns 0, or 1 if an image failed.

    Raises:
        NoServer: no server answers.
        OutputError: the output cannot be written; an existing file is unchanged.
        UsageError: an argument is invalid.
    """
    if arguments.output == STANDARD_OUTPUT:
        arguments.output = None
    inputs = expand(arguments.paths, outputs=arguments.output_dir, private_urls=arguments.private_urls)
    document = document_choice(arguments)
    pdf = pdf_settings(arguments, document.password)
    try:
        make = writer_of(arguments.format)
    except MissingExtra as missing:
        raise UsageError(str(missing)) from None
    _check_binary(arguments, make)
    _check_output(arguments.output, inputs, arguments.password_file)
    folder = _folder(arguments, make, inputs)
    if folder.existing and not inputs.images:
        complain(f"{Tally().summary(folder.existing, inputs.skipped)}; all were written to {folder.path} before")
        return 0
    with ExitStack() as stack:
        private = stack.enter_context(private_server()) if arguments.local else None
        client = stack.enter_context(Client(private) if private else connect(arguments))
        limits = server_info(client, private or arguments.target).limits
        progress = _progress(arguments, inputs)
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
            reading=arguments.reading,
            order=arguments.order,
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
        destination: Destination
        if folder.path is None:
            output = stack.enter_context(_open_output(arguments, make))
            destination = OneOutput(make, settings, output, arguments.output)
        else:
            destination = OutputFolder(make, settings, folder.path, folder.places)
        tally = write_results(results, destination, progress)
        where = destination.finish(any_read=bool(tally.read))
        # A single image needs no summary, unless there is something to report.
        if where or len(inputs.images) + inputs.skipped > 1:
            complain("; ".join(filter(None, (tally.summary(folder.existing, inputs.skipped), where))))
    return 0 if tally.is_whole else EXIT_FAILED


@dataclass(frozen=True, slots=True)
class _Folder:
    """The folder of `--output-dir`, if any, the output file of each input, and how many of those exist already."""

    path: str | None = None
    places: Mapping[str, Path] = field(default_factory=dict)
    existing: int = 0


def _folder(arguments: argparse.Namespace, make: type[Writer], inputs: Inputs) -> _Folder:
    """Creates the folder; with `--skip-existing`, removes inputs whose output exists.

    Raises:
        UsageError: the folder is not writable, an input has no output file, or an input would be replaced.
    """
    path: str | None = arguments.output_dir
    if path is None:
        if arguments.skip_existing:
            raise UsageError("--skip-existing: is for --output-dir")
        return _Folder()
    without_doubles(inputs)
    places = output_places(inputs, path, make.suffix)
    check_places(inputs, places.values())
    count = len(inputs.images)
    if arguments.skip_existing:
        inputs.images = [one for one in inputs.images if one.error or not os.path.exists(places[one.path])]
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--output-dir: {error.strerror}: {path}") from None
    return _Folder(path, places, count - len(inputs.images))


def _progress(arguments: argparse.Namespace, inputs: Inputs) -> Progress:
    is_terminal = sys.stderr.isatty()
    if arguments.progress and not is_terminal:
        return PageLog(len(inputs.images))
    if _is_live(arguments):
        return LiveView(sys.stderr, len(inputs.images))
    return Bar(inputs.images, even_for_one=arguments.progress)


def _is_live(arguments: argparse.Namespace) -> bool:
    """Whether to show lines while they are read, which is the case for text on a terminal."""
    on_output = arguments.output is None and arguments.output_dir is None
    return bool(arguments.format == "text" and on_output and sys.stdout.isatty() and sys.stderr.isatty())


def _check_binary(arguments: argparse.Namespace, make: type[Writer]) -> None:
    """Raises UsageError if bytes would go to a terminal."""
    if make.is_binary and arguments.output is None and arguments.output_dir is None and sys.stdout.isatty():
        raise UsageError(f"--format {arguments.format}: is not text; name a file with --output")


def _open_output(arguments: argparse.Namespace, make: type[Writer]) -> Output:
    """Opens the output; standard output is UTF-8, except for plain text.

    Raises:
        UsageError: the output is not writable, or is one of the inputs.
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
