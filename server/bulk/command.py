"""The command `edgeocr bulk`."""

import argparse
import os
import secrets
import sys
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tqdm import tqdm

from edgeocr.commands import EXIT_FAILED, UsageError
from edgeocr.extras import MissingExtra, load_extra
from edgeocr.model.files.document_options import DocumentOptions, TextLayer
from edgeocr.model.options import Mode, Preparation, Reading, ReadOptions
from edgeocr.server.bulk.errors import BulkError
from edgeocr.server.host.cpus import usable_cpus

if TYPE_CHECKING:
    from edgeocr.server.bulk.worker import FileDone

_JOB, _ENGINE = "edgeocr.server.bulk.job", "edgeocr.server.bulk.ray_engine"
"""Imported on use: pyarrow and ray take seconds to load, and other commands do not need them."""

_RAY_SETTINGS = {
    # By default Ray sends usage statistics to its makers.
    "RAY_USAGE_STATS_ENABLED": "0",
    # This command prints its own messages.
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_DATA_LOG_LEVEL": "ERROR",
}
"""Defaults for variables that are not set in the environment."""


def run(arguments: argparse.Namespace) -> int:
    """Reads all files that have not been read yet; returns 0, or 1 if a file failed.

    Raises:
        UsageError: nothing was read: an argument is invalid, a source is missing, or the extra is not installed.
    """
    settings = _RAY_SETTINGS if arguments.address else {**_RAY_SETTINGS, **_token_authentication()}
    for name, value in settings.items():
        os.environ.setdefault(name, value)
    try:
        job_module, engine = (load_extra(module, "bulk", "reading archives") for module in (_JOB, _ENGINE))
    except MissingExtra as missing:
        raise UsageError(str(missing)) from None
    if not (arguments.places or arguments.list):
        raise UsageError("name files, folders or URLs, or a --list of them")
    document = DocumentOptions(dots_per_inch=arguments.dpi, text_layer=TextLayer(arguments.text_layer))
    preparation = Preparation(aligned_tables=arguments.aligned_tables)
    options = ReadOptions(
        mode=Mode(arguments.mode), document=document, preparation=preparation, reading=Reading(arguments.reading)
    )
    work = job_module.Work(arguments.output, options, arguments.models)
    try:
        job = job_module.prepare(arguments.places, arguments.list, work)
    except BulkError as error:
        raise UsageError(str(error)) from None
    print(f"{job.files} files, {job.files - len(job.left)} of them read before", file=sys.stderr)
    done: Iterable[FileDone] = ()
    if job.left:
        workers = arguments.workers or usable_cpus()
        done = engine.read(job.left, work, workers, arguments.part_files, arguments.address)
    return _report(done, len(job.left))


def _token_authentication() -> dict[str, str]:
    """Enables Ray's token authentication: Ray listens on all addresses and runs any code that it receives."""
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


def _report(done: "Iterable[FileDone]", files: int) -> int:
    """Prints errors and a summary."""
    counts: Counter[str] = Counter()
    with tqdm(total=files, unit="file", file=sys.stderr, disable=not sys.stderr.isatty()) as bar:
        for file in done:
            bar.update()
            counts["files"] += 1
            counts["pages"] += file.pages
            if file.code is not None:
                counts["failed"] += 1
                with tqdm.external_write_mode(file=sys.stderr):
                    print(f"edgeocr: {file.path}: {file.code}: {file.error}", file=sys.stderr)
    unfinished = files - counts["files"]
    print(
        f"{counts['files']} files read now, {counts['pages']} pages, {counts['failed']} files with errors"
        + (
            f"; {unfinished} files were not read because their process ended: run the command again"
            if unfinished
            else ""
        ),
        file=sys.stderr,
    )
    return EXIT_FAILED if counts["failed"] or unfinished else 0
