"""The command `edgeocr doctor`."""

import argparse
from dataclasses import replace
from pathlib import Path

from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.server.doctor.examine import examine
from edgeocr.server.doctor.report import as_json, as_text
from edgeocr.server.doctor.self_test import self_test
from edgeocr.server.doctor.system import System
from edgeocr.server.host import heap

SUMMARY = "look at this machine: processor, limits, weights, and what to set"
EXIT_FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags."""
    parser.description = (
        "Tells what this machine offers the server: instructions for integers, NUMA nodes, limits, allocator, clock, "
        "and whether the weights are whole and read. Ends with 1 if something would keep the server from its work; "
        "warnings do not count."
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(default: %(default)s)")
    parser.add_argument("--models", type=Path, default=DEFAULT_FOLDER, help="folder of the weights to try")
    parser.add_argument(
        "--root",
        type=Path,
        default=Path("/"),
        help="folder with the proc and sys of the machine to look at; weights are tried here (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Says what was found; returns 0 unless something failed."""
    heap.tune()
    report = examine(System(arguments.root))
    report = replace(report, findings=(*report.findings, *self_test(arguments.models)))
    print(as_json(report) if arguments.format == "json" else as_text(report))
    return EXIT_FAILED if report.failed else 0
