"""Proof on aarch64 without an aarch64 machine: the same strings, the intended instructions, and how many of them.

Runs the server's own reading of lines on an emulated Neoverse N1 and on an emulated x86-64 CPU without VNNI, compares
every string with this machine's, and counts instructions of one inference. It can be stopped and run again. Emulation
proves what is computed and with which instructions; it proves no time.
"""

import argparse
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from edgeocr.model.networks.manifest import load_manifest
from edgeocr.model.training.integer.split import FAST, FILE
from tests.checks.arm64 import counts, kernels, networks, samples, strings
from tests.checks.arm64.counts import Row
from tests.checks.arm64.demands import Demand, demands
from tests.checks.arm64.emulator import machines, qemu
from tests.checks.arm64.emulator.debian import QEMU_VERSION
from tests.checks.arm64.errors import GuestFailed, Missing
from tests.checks.arm64.strings import Comparison


def _count(arguments: argparse.Namespace, emulator: qemu.Emulator) -> list[Row]:
    """Ours on both CPUs, then the others on the one with dot products."""
    ours = networks.ours(arguments.weights, arguments.cache / "networks")
    others = [networks.subject("ours, FP32", arguments.float)] if arguments.float else []
    if (arguments.weights / f"{FAST}{FILE}").exists():
        others.append(networks.ours(arguments.weights, arguments.cache / "networks", FAST))
    others += networks.published(arguments.models, arguments.cache / "networks")
    jobs = [(ours, machines.ARM_CPU), *((other, machines.ARM_CPU) for other in others)]
    jobs.append((ours, machines.ARM_CPU_WITHOUT_DOT))
    rows = []
    for subject, cpu in jobs:
        print(f"counting {subject.name} on {cpu}", flush=True)
        rows.append((subject.name, cpu, counts.count(subject, cpu, emulator, arguments.cache)))
    return rows


def _compare(arguments: argparse.Namespace, emulator: qemu.Emulator) -> list[Comparison]:
    """Every line on this machine and on the emulated ones."""
    if arguments.lines:
        images = samples.labelled(arguments.lines, arguments.limit)
    else:
        charset = load_manifest(arguments.weights).recogniser.charset
        images = samples.rendered(arguments.cache / "lines", charset, arguments.limit or samples.COUNT)
    if not images:
        raise Missing(f"{arguments.lines}: holds no set of lines (SET/labels.tsv)")
    here, *others = (machines.here(), machines.aarch64(emulator, arguments.cache), machines.x86_without_vnni(emulator))
    print(f"reading {len(images)} lines on {here.name}, {' and '.join(other.name for other in others)}", flush=True)
    read = partial(strings.read, weights=arguments.weights, images=images, folder=arguments.cache / "strings")
    # Each is a process with one thread: side by side they take no longer than the slowest.
    with ThreadPoolExecutor() as pool:
        expected, *found = pool.map(read, (here, *others))
    return [strings.compare(other.name, expected, texts) for other, texts in zip(others, found, strict=True)]


def _report(rows: Sequence[Row], comparisons: Sequence[Comparison], met: Sequence[Demand]) -> Iterator[str]:
    versions = f"QEMU {QEMU_VERSION} (user mode), ONNX Runtime {version('onnxruntime')}"
    yield f"{datetime.now(UTC):%Y-%m-%d}, {versions}, one line of {counts.WIDTH_PIXELS} pixels, one thread"
    if rows:
        yield f"\n{counts.table(rows)}"
    for comparison in comparisons:
        if comparison.differing:
            yield f"\nstrings that differ on {comparison.machine}:"
        for image, here, there in comparison.differing:
            yield f"  {image}\n    here  {here}\n    there {there}"
    yield ""
    yield from map(str, met)


def run(arguments: argparse.Namespace) -> int:
    """Run the check.

    Returns:
        0 if all that is demanded holds, else 1.

    Raises:
        Missing: this machine lacks something.
        GuestFailed: a program in the emulator did not end well.
    """
    if platform.machine() != "x86_64":
        raise Missing(f"this check emulates aarch64 on x86-64, and this machine is {platform.machine()}")
    qemu.check_tools()
    print(f"making the emulator and its aarch64 libraries in {arguments.cache}, if they are not there", flush=True)
    emulator = qemu.emulator(arguments.cache / "qemu")
    rows = _count(arguments, emulator) if "counts" in arguments.only else []
    comparisons = _compare(arguments, emulator) if "strings" in arguments.only else []
    met = list(demands(rows, comparisons))
    report = "\n".join(_report(rows, comparisons, met))
    if "operators" in arguments.only:
        print("counting operators one by one", flush=True)
        report += "\n" + "\n".join(kernels.report(arguments.weights, emulator, arguments.cache))
    (arguments.cache / "report.md").write_text(report + "\n", "utf-8")
    print(f"\n{report}")
    return 0 if all(demand.holds for demand in met) else 1


def main(words: Sequence[str] | None = None) -> int:
    """The command; returns 2 if the check could not run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="folder for the emulator and all that it needs")
    parser.add_argument("--models", type=Path, required=True, help="folder to keep published models in")
    parser.add_argument("--weights", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument("--float", type=Path, help="our recogniser in FP32, ONNX, to count beside the one served")
    parser.add_argument("--lines", type=Path, help="folder of labelled sets; without it, lines are rendered")
    parser.add_argument(
        "--limit", type=int, default=samples.COUNT, help="most lines to read; 0 takes all (%(default)s)"
    )
    parser.add_argument("--only", nargs="+", choices=("counts", "strings", "operators"), default=("counts", "strings"))
    try:
        return run(parser.parse_args(words))
    except (Missing, GuestFailed, subprocess.CalledProcessError) as error:
        print(f"arm64-check: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
