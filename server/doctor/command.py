"""The command `edgeocr doctor`."""

import argparse
from dataclasses import replace

from edgeocr.commands import EXIT_FAILED
from edgeocr.server.doctor.examine import examine
from edgeocr.server.doctor.report import as_json, as_text
from edgeocr.server.doctor.self_test import confinement, self_test
from edgeocr.server.doctor.system import System
from edgeocr.server.host import heap


def run(arguments: argparse.Namespace) -> int:
    """Prints a report; returns 0 unless a check failed."""
    heap.tune()
    report = examine(System(arguments.root))
    report = replace(report, findings=(*report.findings, confinement(), *self_test(arguments.models)))
    print(as_json(report) if arguments.format == "json" else as_text(report))
    return EXIT_FAILED if report.failed else 0
