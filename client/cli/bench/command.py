"""`edgeocr bench`: a load test of a server."""

import argparse
import asyncio
import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from edgeocr.client.bench import Plan, Report, run_load
from edgeocr.client.bench.histogram import Histogram
from edgeocr.client.bench.plot import load_figure, write_plot
from edgeocr.client.cli.output import open_output
from edgeocr.client.cli.paths import expand
from edgeocr.client.cli.target import connect, credentials, private_server, server_info
from edgeocr.client.errors import OcrError
from edgeocr.commands import EXIT_FAILED, UsageError
from edgeocr.extras import MissingExtra

_MOST_SECONDS = 3600.0
"""Time limit for a given number of requests."""


def run(arguments: argparse.Namespace) -> int:
    """Runs the test; returns 0, or 1 for errors or missing answers.

    Raises:
        NoServer: no server answers.
        UsageError: an argument is invalid.
    """
    try:
        if arguments.plot is not None:
            load_figure()
        plan = _plan(arguments)
    except (OcrError, OSError, MissingExtra, ValueError) as error:
        raise UsageError(str(error)) from None
    with ExitStack() as stack:
        if arguments.local:
            target, tls, token = stack.enter_context(private_server()), None, None
        else:
            target = arguments.target
            with connect(arguments) as client:
                server_info(client, target)
            tls, token = credentials(arguments)
        report = asyncio.run(run_load(target, plan, tls=tls, token=token))
    try:
        _write(report, plan, arguments)
    except (OSError, ValueError) as error:
        raise UsageError(str(error)) from None
    return EXIT_FAILED if report.errors or report.unanswered or report.unexpected else 0


def _plan(arguments: argparse.Namespace) -> Plan:
    """The plan that the arguments describe, with its images loaded."""
    return Plan(
        _load(arguments.paths),
        mode=arguments.mode,
        concurrency=arguments.concurrency,
        rate=arguments.rate,
        arrivals=arguments.arrivals,
        streams=arguments.streams,
        connections=arguments.connections,
        line_events=not arguments.omit_line_events,
        warm_up_seconds=arguments.warm_up,
        duration_seconds=arguments.duration or (_MOST_SECONDS if arguments.requests else 10.0),
        requests=arguments.requests,
        timeout_seconds=arguments.timeout,
        grace_seconds=arguments.grace,
    )


def _load(paths: Sequence[str]) -> list[bytes]:
    images = []
    for one in expand(paths).images:
        source = one.source()
        if isinstance(source, OcrError):
            raise source
        images.append(source if isinstance(source, bytes) else Path(source).read_bytes())
    return images


def _write(report: Report, plan: Plan, arguments: argparse.Namespace) -> None:
    if arguments.format == "json":
        text = json.dumps({"load": _describe(plan), **report.as_dict()}, indent=2)
    else:
        text = "\n".join(_as_text(report, plan))
    with open_output(arguments.output, binary=False) as output:
        output.stream.write(text + "\n")
        output.commit()
    if arguments.plot is not None:
        write_plot(report, _headline(plan), arguments.plot)


def _describe(plan: Plan) -> dict[str, Any]:
    loop = {"concurrency": plan.concurrency} if plan.rate is None else {"rate": plan.rate, "arrivals": plan.arrivals}
    return {
        "mode": plan.mode,
        "images": len(plan.images),
        **loop,
        "streams": plan.streams,
        "connections": plan.connections,
        "line_events": plan.line_events,
        "warm_up_seconds": plan.warm_up_seconds,
        "timeout_seconds": plan.timeout_seconds,
    }


def _headline(plan: Plan) -> str:
    loop = f"{plan.concurrency} callers" if plan.rate is None else f"{plan.rate:g}/s, {plan.arrivals} arrivals"
    way = f"{plan.streams} streams" if plan.streams else "unary calls"
    return f"{plan.mode}s over {way}, {loop}"


def _as_text(report: Report, plan: Plan) -> list[str]:
    codes = ", ".join(f"{code} {count:,}" for code, count in sorted(report.codes.items())) or "none"
    lines = [
        f"{_headline(plan)}, {report.seconds:.1f} s",
        f"sent {report.sent:,}: {report.ok:,} ok, {report.rejected:,} rejected, {report.errors:,} errors, "
        f"{report.unanswered:,} unanswered" + (f", {report.unexpected:,} unexpected" if report.unexpected else ""),
        f"codes: {codes}",
        f"{report.images_per_second:.1f} images/s, {report.lines_per_second:.1f} lines/s",
        f"{'milliseconds':22} {'mean':>9} {'p50':>9} {'p90':>9} {'p99':>9} {'p99.9':>9} {'max':>9}",
    ]
    rows = {
        "latency": report.latency,
        "latency of rejections": report.rejected_latency,
        "first line": report.first_line,
        "sent late by": report.lag,
        **{f"server: {stage}": histogram for stage, histogram in report.stages.items()},
    }
    return [*lines, *(_row(name, histogram) for name, histogram in rows.items() if histogram.count)]


def _row(name: str, histogram: Histogram) -> str:
    summary = histogram.summary()
    return f"{name:22} " + " ".join(f"{value * 1e3:9.2f}" for key, value in summary.items() if key != "count")
