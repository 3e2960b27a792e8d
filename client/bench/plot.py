"""A report as a picture: latency over the share of requests, the further right the rarer."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from edgeocr.client.bench.histogram import PERCENTILES, Histogram
from edgeocr.client.bench.report import Report

HINT = "a plot needs matplotlib: pip install 'edgeocr[plot]'"


class PlotUnavailable(Exception):
    """Matplotlib is not installed; the text says how it would be."""


def require_plots() -> None:
    """Raises PlotUnavailable if there is nothing to plot with."""
    if find_spec("matplotlib") is None:
        raise PlotUnavailable(HINT)


def write_plot(report: Report, title: str, path: Path) -> None:
    """Writes the picture; the suffix says in which format.

    Raises:
        OSError: the file cannot be written.
        PlotUnavailable: there is nothing to plot with.
        ValueError: the format is unknown.
    """
    require_plots()
    # By name, since it may be missing, and takes its time.
    figure = import_module("matplotlib.figure").Figure(figsize=(8, 4.5), layout="constrained")
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
