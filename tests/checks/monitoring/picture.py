"""The dashboard's panels from real data, drawn without Grafana."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # the backend has to be chosen first

_COLUMNS = 3


def draw(queries: Sequence[tuple[str, list[dict[str, Any]], str]], path: Path) -> None:
    """Draws title, series and legend of each query; queries of one title share a panel."""
    titles = list(dict.fromkeys(title for title, _, _ in queries if title != "Servers"))
    start = min(one["values"][0][0] for _, series, _ in queries for one in series)
    rows = -(-len(titles) // _COLUMNS)
    figure, axes = plt.subplots(rows, _COLUMNS, figsize=(15, 2.6 * rows))
    for title, axis in zip(titles, axes.flat, strict=False):
        for series, legend in ((series, legend) for name, series, legend in queries if name == title):
            for one in series:
                times = [at - start for at, _ in one["values"]]
                axis.plot(times, [float(value) for _, value in one["values"]], label=_label(legend, one["metric"]))
        axis.set_title(title, fontsize=9)
        axis.tick_params(labelsize=7)
        axis.set_ylim(bottom=0)
        axis.legend(fontsize=6)
    for axis in list(axes.flat)[len(titles) :]:
        axis.axis("off")
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _label(legend: str, labels: dict[str, str]) -> str:
    shown = re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found[1], ""), legend.replace("{{instance}}", ""))
    return shown.strip() or "all"
