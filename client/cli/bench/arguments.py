"""The arguments of `edgeocr bench`."""

import argparse
from pathlib import Path
from typing import get_args

from edgeocr.client.bench.plan import Arrivals
from edgeocr.client.cli.target_arguments import add_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help="images, sent in turn: file, folder or pattern")
    add_server(parser, may_be_local=True)
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
