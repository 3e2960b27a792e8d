"""The command `edgeocr bulk`."""

import argparse
import os
import secrets
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from tqdm import tqdm

from edgeocr.extras import MissingExtra, load_extra
from edgeocr.model.files.document_options import DOTS_PER_INCH, DocumentOptions, TextLayer
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import Mode, Preparation, ReadOptions
from edgeocr.server.bulk.errors import BulkError
from edgeocr.server.host.cpus import usable_cpus

SUMMARY = "read archives of images and documents into Parquet, without a server"

EXIT_SOME_FAILED = 1
EXIT_USAGE = 2
"""Nothing was read: an argument is wrong, a place is not there, or the extra is not installed."""

_PART_FILES = 16
_JOB, _ENGINE = "edgeocr.server.bulk.job", "edgeocr.server.bulk.ray_engine"
"""Loaded when they are needed: pyarrow and ray take seconds, and need not be there for other commands."""

_RAY_SETTINGS = {
    # By default it reports its use to its makers.
    "RAY_USAGE_STATS_ENABLED": "0",
    # What is to be said is said here.
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_DATA_LOG_LEVEL": "ERROR",
}
"""Where the environment says nothing else."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags."""
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
    parser.add_argument("--models", type=Path, default=DEFAULT_FOLDER, help="folder of the weights")
    parser.add_argument(
        "--address", help="of a Ray cluster whose machines have edgeocr[bulk] (default: this machine alone)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Reads all that is not read; returns 0, or 1 if some file failed, 2 if nothing could be begun."""
    settings = _RAY_SETTINGS if arguments.address else {**_RAY_SETTINGS, **_ray_door()}
    for name, value in settings.items():
        os.environ.setdefault(name, value)
    try:
        job_module, engine = (load_extra(module, "bulk", "reading archives") for module in (_JOB, _ENGINE))
    except MissingExtra as missing:
        return _refuse(str(missing))
    if not (arguments.places or arguments.list):
        return _refuse("name files, folders or URLs, or a --list of them")
    document = DocumentOptions(dots_per_inch=arguments.dpi, text_layer=TextLayer(arguments.text_layer))
    preparation = Preparation(aligned_tables=arguments.aligned_tables)
    options = ReadOptions(mode=Mode(arguments.mode), document=document, preparation=preparation)
    work = job_module.Work(arguments.output, options, arguments.models)
    try:
        job = job_module.prepare(arguments.places, arguments.list, work)
    except BulkError as error:
        return _refuse(str(error))
    print(f"{job.files} files, {job.files - len(job.left)} of them read before", file=sys.stderr)
    done: Iterable[Done] = ()
    if job.left:
        workers = arguments.workers or usable_cpus()
        done = engine.read(job.left, work, workers, arguments.part_files, arguments.address)
    return _report(done, len(job.left))


def _ray_door() -> dict[str, str]:
    """Lets nobody else in: Ray listens on all addresses of a machine, and runs what it is sent."""
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


class Done(Protocol):
    """The engine's report on a file."""

    path: str
    pages: int
    code: str | None
    error: str | None


def _report(done: Iterable[Done], files: int) -> int:
    """Names what could not be read, and sums up."""
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
        + (f"; {unfinished} files are not read, since their process ended: run it again" if unfinished else ""),
        file=sys.stderr,
    )
    return EXIT_SOME_FAILED if counts["failed"] or unfinished else 0


def _refuse(reason: str) -> int:
    print(f"edgeocr bulk: {reason}", file=sys.stderr)
    return EXIT_USAGE


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return value
