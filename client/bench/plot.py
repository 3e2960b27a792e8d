"""A report as a picture: latency over the share of requests, the further right the rarer."""

from pathlib import Path
from typing import Any

from edgeocr.client.bench.histogram import PERCENTILES, Histogram
from edgeocr.client.bench.report import Report
from edgeocr.extras import load_extra


def load_figure() -> Any:
    """What plots are drawn on; raises MissingExtra if Matplotlib is not installed."""
    return load_extra("matplotlib.figure", "plot", "--plot").Figure


def write_plot(report: Report, title: str, path: Path) -> None:
    """Writes the picture; the suffix says in which format.

    Raises:
        OSError: the file cannot be written.
        MissingExtra: Matplotlib is not installed.
        ValueError: the format is unknown.
    """
    figure = load_figure()(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    curves = {"read": report.latency, "first line": report.first_line, "rejected": report.rejected_latency}
    for label, histogram in curves.items():
        if histogram.count:
            axes.step(*_curve(histogram), where="post", label=f"{label} ({histogram.count:,})")
    axes.set(xscale="log", yscale="log", xlabel="share of requests", ylabel="latency in ms", title=title)
    axes.set_xticks([1, *(1 / (1 - share) for share in PERCENTILES.values())], ["min", *PERCENTILES], minor=False)
    axes.set_xticks([], minor=True)
    for axis in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
        axis("{x:g}")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path)


def _curve(histogram: Histogram) -> tuple[list[float], list[float]]:
    """How rare a request is, as 1 ÷ (1 − share), and the milliseconds it takes."""
    xs, ys, before = [], [], 0
    for seconds, count in histogram.cumulative():
        xs.append(histogram.count / (histogram.count - before))
        ys.append(seconds * 1e3)
        before = count
    return [*xs, float(histogram.count)], [*ys, ys[-1]]
