"""Instructions of whole pages on an aarch64 CPU that is not there: ours, by the part that takes them, and a peer's.

Each page is read from its file's bytes to its text, on one thread of an emulated Neoverse N1, by this project's
pipeline in one way of reading after the other, and by faster-paddle, whose wheel for aarch64 comes from PyPI.
Emulation counts instructions, and proves no time. What was counted is kept, and not counted again until the code, the
weights, the page or a version changes.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from edgeocr.model.options import Reading
from tests.benchmarks.stages.pages import images, rendered
from tests.checks.arm64 import page_counts, strings
from tests.checks.arm64.emulator import machines, qemu
from tests.checks.arm64.emulator.debian import QEMU_VERSION
from tests.checks.arm64.emulator.runtime import fingerprint
from tests.checks.arm64.errors import GuestFailed, Missing
from tests.checks.arm64.guests import pages as guest
from tests.checks.arm64.page_counts import PageRow, by_mark, page_table, part_table, together

OURS = {reading: f"edgeocr {reading}" for reading in Reading}
"""The names of this project's pipeline, by how it reads."""
FASTER_PADDLE = "faster-paddle==1.0.4"
PEERS = {"faster-paddle-tiny": "tiny", "faster-paddle-small": "small"}
"""The size of its model that a peer's name stands for."""

_PEER_PROGRAM = Path(guest.__file__).with_name("peer.py")
_ALL = "all"
_WARM_UP = Path(__file__).resolve().parents[3] / "docs" / "samples" / "line.png"


Read = Callable[[Sequence[Path], Path, Path], None]
"""What reads pages, and has the plugin's file and the pages' lines written."""


def counted(pages: Sequence[Path], folders: Sequence[Path], read: Read) -> list[tuple[str, list[str]]]:
    """The plugin's words on each page, and its lines.

    Args:
        pages: image files.
        folders: in which both are kept, for each page; what is there is not read again.
        read: what reads the others, all at once, since it takes the emulator long to start.

    Raises:
        GuestFailed: some were not counted.
    """
    missing = {page: folder for page, folder in zip(pages, folders, strict=True) if not folder.exists()}
    if missing:
        with tempfile.TemporaryDirectory() as made:
            counts, lines = Path(made) / "counts", Path(made) / "lines"
            read(list(missing), counts, lines)
            reports = page_counts.pages(counts.read_text("utf-8")) if counts.exists() else []
            texts = json.loads(lines.read_text("utf-8"))
        if len(reports) != len(missing):
            raise GuestFailed(f"{len(missing)} pages were read, but the emulator's plugin saw {len(reports)}")
        for folder, report, text in zip(missing.values(), reports, texts, strict=True):
            partial = folder.with_name(f"partial.{os.getpid()}")
            partial.mkdir(parents=True)
            (partial / "counts").write_text(report, "utf-8")
            (partial / "lines.json").write_text(json.dumps(text, ensure_ascii=False), "utf-8")
            partial.rename(folder)
    return [
        ((folder / "counts").read_text("utf-8"), json.loads((folder / "lines.json").read_text("utf-8")))
        for folder in folders
    ]


def ours(
    pages: Sequence[Path], reading: Reading, arguments: argparse.Namespace, emulator: qemu.Emulator
) -> list[PageRow]:
    """What our pipeline executes for pages, when it reads them so."""

    def read(missing: Sequence[Path], counts: Path, lines: Path) -> None:
        machine = machines.aarch64(emulator, arguments.cache, counts=counts)
        words = ["--weights", str(arguments.weights.resolve()), "--reading", reading, *_files(missing, lines)]
        machine.run(*words, program=program)

    program = Path(guest.__file__)
    code = strings.reading_fingerprint(arguments.weights)
    names = [f"{reading}-{code}-{fingerprint((page, _WARM_UP, program, emulator.plugin))}" for page in pages]
    found = counted(pages, [arguments.cache / "pages" / name for name in names], read)
    parts = {number: str(part) for part, number in guest.NUMBERS.items()}
    return [
        PageRow(
            page.stem, OURS[reading], len(lines), {parts[number]: count for number, count in by_mark(report).items()}
        )
        for page, (report, lines) in zip(pages, found, strict=True)
    ]


def theirs(pages: Sequence[Path], peer: str, arguments: argparse.Namespace, emulator: qemu.Emulator) -> list[PageRow]:
    """What a peer executes for pages."""

    def read(missing: Sequence[Path], counts: Path, lines: Path) -> None:
        machine = machines.aarch64(emulator, arguments.cache, counts=counts, wheels=[FASTER_PADDLE])
        machine.run("--size", PEERS[peer], *_files(missing, lines), program=_PEER_PROGRAM)

    names = [
        f"{peer}-{FASTER_PADDLE}-{fingerprint((page, _WARM_UP, _PEER_PROGRAM, emulator.plugin))}" for page in pages
    ]
    found = counted(pages, [arguments.cache / "pages" / name for name in names], read)
    return [
        PageRow(page.stem, peer, len(lines), {_ALL: together(list(by_mark(report).values()))})
        for page, (report, lines) in zip(pages, found, strict=True)
    ]


def _files(pages: Sequence[Path], lines: Path) -> list[str]:
    return ["--warm-up", str(_WARM_UP), "--images", *(str(page.resolve()) for page in pages), "--to", str(lines)]


def _report(rows: Sequence[PageRow]) -> Iterator[str]:
    versions = f"QEMU {QEMU_VERSION} ({machines.ARM_CPU}), ONNX Runtime {version('onnxruntime')}"
    peers = f", {FASTER_PADDLE.replace('==', ' ')}" if any(row.reader not in OURS.values() for row in rows) else ""
    yield f"{datetime.now(UTC):%Y-%m-%d}, {versions}{peers}, one thread, from a file's bytes to its text"
    yield f"\n{page_table(rows)}"
    for name in OURS.values():
        if own := [row for row in rows if row.reader == name]:
            yield f"\n{name}, by part:\n\n{part_table(own)}"


def run(arguments: argparse.Namespace) -> None:
    """Counts, and prints the report.

    Raises:
        Missing: this machine lacks something.
        GuestFailed: a program in the emulator did not end well.
        ValueError: a folder has no images.
    """
    if platform.machine() != "x86_64":
        raise Missing(f"this emulates aarch64 on x86-64, and this machine is {platform.machine()}")
    qemu.check_tools()
    emulator = qemu.emulator(arguments.cache / "qemu")
    pages = images(arguments.pages) if arguments.pages else rendered(arguments.cache / "rendered-pages")
    readers = []
    for reading in arguments.readings:
        print(f"reading {len(pages)} pages with {OURS[reading]}", flush=True)
        readers.append(ours(pages, reading, arguments, emulator))
    for peer in arguments.peers:
        print(f"and with {peer}", flush=True)
        readers.append(theirs(pages, peer, arguments, emulator))
    rows = [row for page in zip(*readers, strict=True) for row in page]
    report = "\n".join(_report(rows))
    (arguments.cache / "pages.md").write_text(report + "\n", "utf-8")
    print(f"\n{report}")


def main(words: Sequence[str] | None = None) -> int:
    """The command; returns 2 if it could not run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="folder for the emulator and all that it needs")
    parser.add_argument("--weights", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument(
        "--pages", type=Path, nargs="+", default=[], help="folders of images; without one, rendered pages are read"
    )
    parser.add_argument(
        "--readings",
        type=Reading,
        nargs="+",
        choices=list(Reading),
        default=[Reading.ADAPTIVE, Reading.ACCURATE],
        help="how our pipeline reads; the first is what others are set against (adaptive accurate)",
        metavar="READING",
    )
    parser.add_argument(
        "--peers", nargs="*", choices=list(PEERS), default=["faster-paddle-tiny"], help="(%(default)s)", metavar="NAME"
    )
    try:
        run(parser.parse_args(words))
    except (Missing, GuestFailed, ValueError, subprocess.CalledProcessError) as error:
        print(f"arm64-pages: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
