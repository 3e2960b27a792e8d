"""Instructions of whole pages on an aarch64 CPU that is not there: ours, by the part that takes them, and a peer's.

Each page is read from its file's bytes to its text, on one thread of an emulated Neoverse N1, by this project's
pipeline and by faster-paddle, whose wheel for aarch64 comes from PyPI. Emulation counts instructions, and proves no
time. What was counted is kept, and not counted again until the code, the weights, the page or a version changes.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.stages.pages import images, rendered
from tests.checks.arm64 import machines, page_guest, qemu, strings
from tests.checks.arm64.debian import QEMU_VERSION
from tests.checks.arm64.errors import GuestFailed, Missing
from tests.checks.arm64.page_counts import PageRow, by_mark, page_table, part_table
from tests.checks.arm64.runtime import fingerprint

OURS = "edgeocr"
FASTER_PADDLE = "faster-paddle==1.0.4"
PEERS = {"faster-paddle-tiny": "tiny", "faster-paddle-small": "small"}
"""The size of its model that a peer's name stands for."""

_PEER_PROGRAM = Path(__file__).with_name("faster_paddle_guest.py")
_ALL = "all"
_WARM_UP = Path(__file__).resolve().parents[3] / "docs" / "samples" / "line.png"


def kept(path: Path, read: Callable[[Path, Path], None]) -> tuple[str, list[str]]:
    """The plugin's file and the lines of a page, made by `read` the first time.

    Args:
        path: of the folder that both are kept in.
        read: what is given the plugin's file and the one for lines, and writes them.

    Raises:
        GuestFailed: nothing was counted.
    """
    counted, lines = path / "counted", path / "lines.json"
    if not path.exists():
        partial = path.with_name(f"partial.{os.getpid()}")
        partial.mkdir(parents=True)
        read(partial / counted.name, partial / lines.name)
        if not (partial / counted.name).exists():
            raise GuestFailed(f"{path.name}: a page was read, but the emulator's plugin saw no mark")
        partial.rename(path)
    return counted.read_text("utf-8"), json.loads(lines.read_text("utf-8"))


def ours(page: Path, arguments: argparse.Namespace, emulator: qemu.Emulator) -> PageRow:
    """What our pipeline executes for a page."""

    def read(counts: Path, lines: Path) -> None:
        machine = machines.aarch64(emulator, arguments.cache, counts=counts.resolve())
        words = ["--weights", str(arguments.weights.resolve()), *_files(page, lines)]
        machine.run(*words, program=Path(page_guest.__file__))

    code = strings.reading_fingerprint(arguments.weights)
    name = f"{code}-{fingerprint((page, _WARM_UP, Path(page_guest.__file__), emulator.plugin))}"
    report, lines = kept(arguments.cache / "pages" / name, read)
    names = {number: str(part) for part, number in page_guest.NUMBERS.items()}
    parts = {names[number]: count for number, count in by_mark(report).items()}
    return PageRow(page.stem, OURS, len(lines), parts)


def theirs(page: Path, peer: str, arguments: argparse.Namespace, emulator: qemu.Emulator) -> PageRow:
    """What a peer executes for a page."""

    def read(counts: Path, lines: Path) -> None:
        machine = machines.aarch64(emulator, arguments.cache, counts=counts.resolve(), wheels=[FASTER_PADDLE])
        machine.run("--size", PEERS[peer], *_files(page, lines), program=_PEER_PROGRAM)

    name = f"{peer}-{FASTER_PADDLE}-{fingerprint((page, _WARM_UP, _PEER_PROGRAM, emulator.plugin))}"
    report, lines = kept(arguments.cache / "pages" / name, read)
    (count,) = by_mark(report).values()
    return PageRow(page.stem, peer, len(lines), {_ALL: count})


def _files(page: Path, lines: Path) -> list[str]:
    return ["--warm-up", str(_WARM_UP), "--image", str(page.resolve()), "--to", str(lines.resolve())]


def _report(rows: Sequence[PageRow]) -> Iterator[str]:
    versions = f"QEMU {QEMU_VERSION} ({machines.ARM_CPU}), ONNX Runtime {version('onnxruntime')}"
    peers = f", {FASTER_PADDLE.replace('==', ' ')}" if any(row.reader != OURS for row in rows) else ""
    yield f"{datetime.now(UTC):%Y-%m-%d}, {versions}{peers}, one thread, from a file's bytes to its text"
    yield f"\n{page_table(rows)}"
    yield f"\n{OURS}, by part:\n\n{part_table([row for row in rows if row.reader == OURS])}"


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
    rows = []
    for page in pages:
        print(f"reading {page}", flush=True)
        rows.append(ours(page, arguments, emulator))
        rows += [theirs(page, peer, arguments, emulator) for peer in arguments.peers]
    report = "\n".join(_report(rows))
    (arguments.cache / "pages.md").write_text(report + "\n", "utf-8")
    print(f"\n{report}")


def main(words: Sequence[str] | None = None) -> int:
    """The command; 2 tells that it could not run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="folder for the emulator and all that it needs")
    parser.add_argument("--weights", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument(
        "--pages", type=Path, nargs="+", default=[], help="folders of images; without one, rendered pages are read"
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
