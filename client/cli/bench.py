"""`edgeocr bench`: a load on a server, and what became of it."""

import argparse
import asyncio
import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, get_args

from edgeocr.client.bench import Plan, Report, run_load
from edgeocr.client.bench.histogram import Histogram
from edgeocr.client.bench.plan import Arrivals
from edgeocr.client.bench.plot import load_figure, write_plot
from edgeocr.client.cli.messages import complain
from edgeocr.client.cli.output import open_output
from edgeocr.client.cli.paths import expand
from edgeocr.client.cli.target import (
    ANSWER_SECONDS,
    add_target,
    add_tls,
    add_token,
    connect,
    report_not_started,
    report_unreachable,
    way_in,
)
from edgeocr.client.errors import OcrError
from edgeocr.client.local import LocalServer, LocalServerError
from edgeocr.extras import MissingExtra

SUMMARY = "put a load on a server and measure it"

EXIT_SOME_FAILED = 1
EXIT_USAGE = 2

_MOST_SECONDS = 3600.0
"""How long a given number of requests may take."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help="images, sent in turn: file, folder or pattern")
    server = parser.add_mutually_exclusive_group()
    add_target(server)
    server.add_argument("--local", action="store_true", help="start a private server for this command")
    add_tls(parser)
    add_token(parser)
    parser.add_argument(
        "--mode", choices=("page", "line"), default="page", help="page (default), or one line per image"
    )
    loop = parser.add_mutually_exclusive_group()
    loop.add_argument(
        "--concurrency", metavar="N", type=int, default=1, help="closed loop: N callers, each waiting for its answer"
    )
    loop.add_argument(
        "--rate",
        metavar="R",
        type=float,
        help="open loop: R images a second regardless of answers, timed from when they are due",
    )
    parser.add_argument(
        "--arrivals",
        choices=get_args(Arrivals),
        default="poisson",
        help="open loop: random gaps (default), or even ones",
    )
    parser.add_argument("--streams", metavar="N", type=int, default=0, help="use N streams (default: unary calls)")
    parser.add_argument("--connections", metavar="N", type=int, default=1, help="number of connections (default: 1)")
    parser.add_argument("--omit-line-events", action="store_true", help="streams: completions only")
    parser.add_argument(
        "--warm-up", metavar="SECONDS", type=float, default=2.0, help="load before the measurement (default: 2)"
    )
    parser.add_argument("--duration", metavar="SECONDS", type=float, help="length of the measurement (default: 10)")
    parser.add_argument("--requests", metavar="N", type=int, help="end after N requests")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, help="timeout for each image (default: none)")
    parser.add_argument(
        "--grace", metavar="SECONDS", type=float, default=30.0, help="time to wait for the last answers (default: 30)"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="form of the output (default: text)")
    parser.add_argument("--output", metavar="FILE", help="write to FILE instead of standard output")
    parser.add_argument("--plot", metavar="FILE", type=Path, help="also draw latencies into a .png or .svg file")


def run(arguments: argparse.Namespace) -> int:
    """Makes the load; returns 0, or 1 for errors or missing answers, 2 for a wrong argument, 3 if no server answers."""
    try:
        if arguments.plot is not None:
            load_figure()
        plan = _plan(arguments)
    except (OcrError, OSError, MissingExtra, ValueError) as error:
        complain(str(error), "edgeocr bench")
        return EXIT_USAGE
    with ExitStack() as stack:
        if arguments.local:
            try:
                target = stack.enter_context(LocalServer()).target
            except LocalServerError as error:
                return report_not_started(error)
            tls = token = None
        else:
            target = arguments.target
            try:
                with connect(arguments) as client:
                    client.info(timeout_seconds=ANSWER_SECONDS)
            except OcrError as error:
                return report_unreachable(target, error)
            tls, token = way_in(arguments)
        report = asyncio.run(run_load(target, plan, tls=tls, token=token))
    try:
        _write(report, plan, arguments)
    except (OSError, ValueError) as error:
        complain(str(error), "edgeocr bench")
        return EXIT_USAGE
    return EXIT_SOME_FAILED if report.errors or report.unanswered or report.unexpected else 0


def _plan(arguments: argparse.Namespace) -> Plan:
    """The load that the arguments ask for, its images loaded."""
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
