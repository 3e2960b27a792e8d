"""The plots of the sizing page."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from tests.benchmarks.sizing.reading import PAGES, STAGES
from tests.benchmarks.sizing.serving import Load

_MEGA = 1e6


def draw(
    lines: Mapping[int, float],
    pages: Mapping[str, tuple[float, dict[str, float]]],
    workers: Sequence[tuple[int, Load, Load]],
    concurrency: Sequence[tuple[int, Load, Load]],
    path: Path,
) -> None:
    """Draws what was measured; the suffix says in which format."""
    figure = Figure(figsize=(11, 9), layout="constrained")
    (line_axes, page_axes), (worker_axes, memory_axes), (caller_axes, wait_axes) = figure.subplots(3, 2)
    line_axes.plot(list(lines), list(lines.values()), marker="o")
    line_axes.set(title="a line", xlabel="width at 48 pixels of height", ylabel="ms of one processor")
    _stages(page_axes, pages)
    numbers = [number for number, _, _ in workers]
    worker_axes.plot(numbers, [line.cpu_ms for _, line, _ in workers], marker="o", label="a line image")
    worker_axes.plot(numbers, [page.cpu_ms for _, _, page in workers], marker="o", label="a line of a page")
    worker_axes.set(title="a line, served", xlabel="workers", ylabel="ms of one processor", xticks=numbers)
    memory_axes.plot(numbers, [line.peak_mib for _, line, _ in workers], marker="o", label="lines")
    memory_axes.plot(numbers, [page.peak_mib for _, _, page in workers], marker="o", label="pages, A4 at 200 dpi")
    memory_axes.set(title="memory", xlabel="workers", ylabel="most MiB resident", xticks=numbers)
    callers = [number for number, _, _ in concurrency]
    for axes, value, title, unit in (
        (caller_axes, lambda load: load.cpu_ms, "a line image, two workers", "ms of one processor"),
        (wait_axes, lambda load: load.p99_ms, "how long callers wait, two workers", "ms, slowest hundredth"),
    ):
        axes.plot(callers, [value(single) for _, single, _ in concurrency], marker="o", label="single calls")
        axes.plot(callers, [value(stream) for _, _, stream in concurrency], marker="o", label="one stream")
        axes.set(title=title, xlabel="images in flight", ylabel=unit, xscale="log", xticks=callers, xticklabels=callers)
        axes.minorticks_off()
    for axes in figure.axes:
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize=8)
    figure.savefig(path, dpi=90)


def _stages(axes: object, pages: Mapping[str, tuple[float, dict[str, float]]]) -> None:
    """Milliseconds of a page by its size, one stage on the other."""
    sizes = [PAGES[name][0] * PAGES[name][1] / _MEGA for name in pages]
    bottom = [0.0] * len(sizes)
    for stage in STAGES:
        top = [low + cost * shares.get(stage, 0.0) for low, (cost, shares) in zip(bottom, pages.values(), strict=True)]
        axes.fill_between(sizes, bottom, top, label=stage, alpha=0.7)  # type: ignore[attr-defined]
        bottom = top
    axes.set(title="a page of 24 lines", xlabel="million pixels", ylabel="ms of one processor")  # type: ignore[attr-defined]
