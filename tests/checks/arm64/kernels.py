"""Instructions of the networks' operators on an aarch64 CPU, and of other ways in which the costly ones may be run."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto, TensorProto, helper

from edgeocr.model.networks import session
from edgeocr.model.networks.manifest import load_manifest
from tests.checks.arm64.counts import WIDTH_PIXELS, Count, between
from tests.checks.arm64.emulator.machines import aarch64
from tests.checks.arm64.emulator.qemu import Emulator
from tests.checks.arm64.emulator.runtime import fingerprint
from tests.checks.arm64.errors import GuestFailed
from tests.checks.arm64.guests import operators as guest
from tests.checks.arm64.operators import operators
from tests.checks.arm64.variants import variants

_DETECTOR_PIXELS = 320
"""Of both sides of the page that the detector sees."""
_STEPS = 40
"""Time steps of the line, which the head scores."""
_MOST_ROWS = 16
"""Of a table; what costs less is one row."""
_TRIED = 6
"""Convolutions of each network that are run in other ways."""
_CONVOLUTION = "QLinearConv"


@dataclass(frozen=True)
class Kernel:
    """An operator, how often a network has it, and what one of them executes."""

    name: str
    nodes: int
    count: Count
    model: ModelProto

    @property
    def total(self) -> int:
        """Instructions of all of them."""
        return self.nodes * self.count.total


def report(weights: Path, emulator: Emulator, folder: Path) -> Iterator[str]:
    """Markdown: for each network its operators, then other ways to run the costly ones.

    Raises:
        GuestFailed: an operator cannot be run alone.
    """
    titles, found = [], []
    for name, model, shape in _networks(weights):
        feeds = {model.graph.input[0].name: np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)}
        titles.append(f"{name}, {'×'.join(map(str, shape))}")
        found.append(operators(model, feeds))
    # All at once: starting the emulated Python takes longer than any of them.
    counted = iter(_counted([operator.model for one in found for operator in one], emulator, folder))
    kernels = [
        sorted(
            (Kernel(operator.name, operator.nodes, next(counted), operator.model) for operator in one),
            key=lambda kernel: -kernel.total,
        )
        for one in found
    ]
    for title, one in zip(titles, kernels, strict=True):
        yield f"\n{title}:\n\n{operator_table(one)}"
    tried = [
        kernel for one in kernels for kernel in [each for each in one if each.name.startswith(_CONVOLUTION)][:_TRIED]
    ]
    ways = [dict(variants(kernel.model)) for kernel in tried]
    counted = iter(_counted([model for one in ways for model in one.values()], emulator, folder))
    counts = [{name: next(counted).total for name in one} for one in ways]
    yield f"\nin other ways, × the instructions of how it is served:\n\n{variant_table(tried, counts)}"


def _networks(weights: Path) -> Iterator[tuple[str, ModelProto, tuple[int, ...]]]:
    """What is served, as aarch64 runs it, and the shape of an input."""
    manifest = load_manifest(weights)
    recogniser = manifest.recogniser
    for name, file, shape in (
        ("recogniser", recogniser.file, (1, recogniser.height, WIDTH_PIXELS, 3)),
        ("recogniser's head", recogniser.head, (_STEPS, recogniser.features)),
        ("detector", manifest.detector.file, (1, _DETECTOR_PIXELS, _DETECTOR_PIXELS, 3)),
    ):
        yield name, onnx.load_from_string(file.read()), shape


def _counted(models: Sequence[ModelProto], emulator: Emulator, folder: Path) -> list[Count]:
    """What a run of each executes, less what running a network of nothing does; kept in the folder."""
    nothing = helper.make_graph(
        [helper.make_node("Identity", ["given"], ["same"])],
        "nothing",
        [helper.make_tensor_value_info("given", TensorProto.UINT8, [1])],
        [helper.make_tensor_value_info("same", TensorProto.UINT8, [1])],
    )
    empty = helper.make_model(nothing, opset_imports=models[0].opset_import, ir_version=models[0].ir_version)
    networks = folder.resolve() / "operators" / f"partial.{os.getpid()}"
    networks.mkdir(parents=True)
    for number, model in enumerate([empty, *models]):
        onnx.save(model, str(networks / f"{number:03}.onnx"))
    program = Path(guest.__file__)
    code = fingerprint((*sorted(networks.iterdir()), emulator.plugin, program, Path(session.__file__)))
    counted = networks.with_name(code)
    if not counted.exists():
        partial = networks.with_suffix(".counted")
        aarch64(emulator, folder, counts=partial).run("--networks", str(networks), program=program)
        partial.rename(counted)
    shutil.rmtree(networks)
    base, *found = runs(counted.read_text("utf-8"))
    if len(found) != len(models):
        raise GuestFailed(f"{counted}: tells of {len(found)} operators, not of {len(models)}")
    return [_less(count, base) for count in found]


def runs(report: str) -> list[Count]:
    """What lies between the two marks of each run.

    Raises:
        ValueError: a line is not the plugin's, or a run has no end.
    """
    lines = report.splitlines()
    if len(lines) % 2:
        raise ValueError("a run has no end")
    return [between(before, after) for before, after in zip(lines[::2], lines[1::2], strict=True)]


def _less(count: Count, base: Count) -> Count:
    return Count(max(0, count.total - base.total), count.dot, count.integer, count.single, count.half, count.beyond)


def operator_table(kernels: Sequence[Kernel]) -> str:
    """Operators, the costliest first, as Markdown."""
    whole = sum(kernel.total for kernel in kernels)
    lines = ["| operator | nodes | million instructions | share | SDOT, UDOT | per SDOT, UDOT |"]
    lines.append("| --- |" + " ---: |" * 5)
    for kernel in kernels[:_MOST_ROWS]:
        dot = kernel.count.dot
        each = f"{kernel.count.total / dot:.1f}" if dot else "–"
        share = f"{kernel.total / whole:.1%}"
        cells = [str(kernel.nodes), f"{kernel.total / 1e6:.2f}", share, f"{dot / max(1, kernel.count.total):.1%}", each]
        lines.append(f"| {kernel.name} | {' | '.join(cells)} |")
    rest = kernels[_MOST_ROWS:]
    if rest:
        less = sum(kernel.total for kernel in rest)
        nodes = sum(kernel.nodes for kernel in rest)
        lines.append(f"| {len(rest)} others | {nodes} | {less / 1e6:.2f} | {less / whole:.1%} | | |")
    lines.append(f"| all | {sum(kernel.nodes for kernel in kernels)} | {whole / 1e6:.2f} | 100.0% | | |")
    return "\n".join(lines)


def variant_table(kernels: Sequence[Kernel], counts: Sequence[Mapping[str, int]]) -> str:
    """Convolutions and the instructions of other ways to run them, by name, set against the way that is served."""
    names = list(dict.fromkeys(name for one in counts for name in one))
    lines = [f"| convolution | {' | '.join(names)} |", "| --- |" + " ---: |" * len(names)]
    for kernel, one in zip(kernels, counts, strict=True):
        cells = [f"{one[name] / kernel.count.total:.2f}" if name in one else "–" for name in names]
        lines.append(f"| {kernel.name} | {' | '.join(cells)} |")
    return "\n".join(lines)
