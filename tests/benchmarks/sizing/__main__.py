"""What the server costs on this machine, as tables and plots: about five minutes.

    python -m tests.benchmarks.sizing [--picture FILE] [--seconds NUMBER]

Costs are processor time, which others on the machine change little; how long callers wait, and lines a second, are by
the clock, and take a quiet machine.
"""

import argparse
from pathlib import Path

from tests.benchmarks.sizing import serving
from tests.benchmarks.sizing.picture import draw
from tests.benchmarks.sizing.reading import STAGES, Reading


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--picture", type=Path, help="draw the plots here")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each load (default: %(default)g)")
    arguments = parser.parse_args()
    reading = Reading()
    lines = reading.lines(arguments.seconds / 4)
    print("| line width, pixels | ms of a processor |\n| ---: | ---: |")
    for width, cost in lines.items():
        print(f"| {width} | {cost:.1f} |")
    pages = reading.pages(arguments.seconds / 4)
    print(
        "\n| page of 24 lines | ms of a processor | decode | detect | recognise |\n| --- | ---: | ---: | ---: | ---: |"
    )
    for name, (cost, shares) in pages.items():
        print(f"| {name} | {cost:.0f} | " + " | ".join(f"{shares[stage]:.0%}" for stage in STAGES) + " |")
    workers = _loads("workers", list(serving.by_workers(arguments.seconds)), ("lines", "pages"))
    concurrency = _loads("in flight", list(serving.by_concurrency(arguments.seconds)), ("single calls", "one stream"))
    print("\n| on the wire | image, bytes | beside it, to the server | from the server |\n| --- | ---: | ---: | ---: |")
    for name, size, sent, received in serving.on_the_wire():
        print(f"| {name} | {size:.0f} | {sent:.0f} | {received:.0f} |")
    if arguments.picture is not None:
        draw(lines, pages, workers, concurrency, arguments.picture)


def _loads(
    what: str, rows: list[tuple[int, serving.Load, serving.Load]], kinds: tuple[str, str]
) -> list[tuple[int, serving.Load, serving.Load]]:
    """Prints loads of two kinds."""
    print(
        f"\n| {what} | of | ms of a processor a line | lines/s | median ms | 99 % ms | most MiB |\n| ---: | --- |"
        + " ---: |" * 5
    )
    for number, *loads in rows:
        for kind, load in zip(kinds, loads, strict=True):
            print(
                f"| {number} | {kind} | {load.cpu_ms:.1f} | {load.lines_per_second:.0f} | {load.p50_ms:.0f} "
                f"| {load.p99_ms:.0f} | {load.peak_mib:.0f} |"
            )
    return rows


if __name__ == "__main__":
    main()
