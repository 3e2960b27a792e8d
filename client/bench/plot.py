"""A report as a plot: latency by percentile, on a logarithmic axis of rarity."""

from pathlib import Path
from typing import Any

from edgeocr.client.bench.histogram import PERCENTILES, Histogram
from edgeocr.client.bench.report import Report
from edgeocr.extras import load_extra


def load_figure() -> Any:
    """The figure class of Matplotlib; raises MissingExtra if that is not installed."""
    return load_extra("matplotlib.figure", "plot", "--plot").Figure


def write_plot(report: Report, title: str, path: Path) -> None:
    """Writes the plot in the format that the suffix names.

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
    """Rarity of requests, as 1 ÷ (1 − share), and their milliseconds."""
    xs, ys, before = [], [], 0
    for seconds, count in histogram.cumulative():
        xs.append(histogram.count / (histogram.count - before))
        ys.append(seconds * 1e3)
        before = count
    return [*xs, float(histogram.count)], [*ys, ys[-1]]
