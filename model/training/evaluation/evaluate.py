"""Side by side on the same lines: accuracy, character error rate, time, size, for published models and ours.

A folder of lines holds one folder a set, each with a labels.tsv of "image path, tab, truth".
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from edgeocr.model.networks.x86_weights import exact_weights
from edgeocr.model.training.data import charset as charsets
from edgeocr.model.training.data import wheels
from edgeocr.model.training.evaluation.scoring import Score, score
from edgeocr.model.training.integer.split import whole
from edgeocr.model.training.networks import tensors
from edgeocr.model.training.networks.backbone import HEIGHT_PIXELS
from edgeocr.model.training.networks.tensors import Image

_TIMED_WIDTH_PIXELS = 320
_TIMED_RUNS = 40


class Reader:
    """A recogniser: lines in, texts out, on one thread, one line at a time.

    Args:
        name: what tables call it.
        model: takes N×3×48×W floats, or N×48×W×3 uint8 pixels, and gives N×T×C, class 0 the blank.
        charset: characters of classes 1, 2, …; a last class beyond them is the space.

    Attributes:
        megabytes: its size as a file.
        parameters: how many numbers its weights are.
    """

    def __init__(self, name: str, model: onnx.ModelProto, charset: Sequence[str]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.name = name
        self.megabytes = model.ByteSize() / 1e6
        self.parameters = _parameters(model.graph)
        content = exact_weights(model.SerializeToString())
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        (self._input,) = self._session.get_inputs()
        self._charset = [*charset, " "]

    def read(self, image: Image) -> str:
        """Read one line, H×W×3 BGR."""
        (classes,) = self._session.run(None, self._feed(tensors.resized(image)))
        return tensors.decode(classes.argmax(-1), self._charset)[0]

    def milliseconds(self) -> float:
        """Median time of the network alone for one 320-pixel line, in ms."""
        noise = np.random.default_rng(0).integers(0, 256, (HEIGHT_PIXELS, _TIMED_WIDTH_PIXELS, 3), np.uint8)
        line = self._feed(noise)
        times = []
        for _ in range(_TIMED_RUNS):
            started = time.perf_counter()
            self._session.run(None, line)
            times.append(time.perf_counter() - started)
        return float(np.median(times[3:])) * 1e3

    def _feed(self, line: Image) -> dict[str, NDArray[Any]]:
        make = tensors.to_pixels if self._input.type == "tensor(uint8)" else tensors.to_input
        return {self._input.name: make([line])}


def _parameters(graph: onnx.GraphProto) -> int:
    held = [int(np.prod(i.dims)) for i in graph.initializer]
    constants = [n.attribute[0].t for n in graph.node if n.op_type == "Constant" and n.attribute[0].HasField("t")]
    return sum(held) + sum(int(np.prod(t.dims)) for t in constants)


def published(models_dir: Path) -> list[Reader]:
    """Open the published models that ours is measured against, fetching them if need be."""
    tiny_charset = charsets.read(wheels.fetch(wheels.TINY_CHARSET, models_dir))
    return [
        _with_metadata("PP-OCRv6 small", wheels.fetch(wheels.SMALL, models_dir)),
        Reader("PP-OCRv6 tiny", onnx.load(str(wheels.fetch(wheels.TINY, models_dir))), tiny_charset),
        _with_metadata("PP-OCRv4 mobile", wheels.fetch(wheels.V4_MOBILE, models_dir)),
    ]


def _with_metadata(name: str, path: Path) -> Reader:
    model = onnx.load(str(path))
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    return Reader(name, model, metadata["character"].split("\n"))


@dataclass(frozen=True)
class Row:
    """One reader's results."""

    name: str
    scores: dict[str, Score]
    milliseconds: float
    megabytes: float
    parameters: int

    @property
    def mean(self) -> float:
        """Mean line accuracy over the sets, 0–1, licence plates apart: they are asked for on their own."""
        return float(np.mean([s.accuracy for name, s in self.scores.items() if name != "zh_plate"]))


Set = tuple[str, list[tuple[Image, str]]]


def read_sets(folder: Path) -> list[Set]:
    """Read every set of a folder: its name, and its images with their truths."""
    sets = []
    for labels in sorted(folder.glob("*/labels.tsv")):
        rows = [line.split("\t", 1) for line in labels.read_text("utf-8").splitlines()]
        images = [(np.asarray(cv2.imread(str(labels.parent / path)), np.uint8), truth) for path, truth in rows]
        sets.append((labels.parent.name, images))
    return sets


def measure(readers: Sequence[Reader], sets: Sequence[Set], report: Callable[[str], None] = print) -> list[Row]:
    """Let every reader read every set; a wrong line can be reported as it is met."""
    rows = []
    for reader in readers:
        scores = {}
        for set_name, images in sets:
            pairs = [(truth, reader.read(image)) for image, truth in images]
            scores[set_name] = score(pairs, set_name)
            for (truth, guess), _ in zip(pairs, images, strict=True):
                if score([(truth, guess)], set_name).exact == 0:
                    report(f"{reader.name}\t{set_name}\t{truth}\t{guess}")
        rows.append(Row(reader.name, scores, 0.0, reader.megabytes, reader.parameters))
    # Times are taken together at the end, in turns, so that a busy machine is unfair to nobody.
    turns = [[reader.milliseconds() for reader in readers] for _ in range(3)]
    best = np.array(turns).min(0)
    return [Row(r.name, r.scores, float(ms), r.megabytes, r.parameters) for r, ms in zip(rows, best, strict=True)]


def table(rows: Sequence[Row]) -> str:
    """Lay rows out as Markdown: line accuracy % / CER % by set, their mean, ms per line, MB, million parameters."""
    sets = list(rows[0].scores)
    lines = ["| set | " + " | ".join(row.name for row in rows) + " |", "| --- |" + " --- |" * len(rows)]
    for name in sets:
        cells = [f"{100 * row.scores[name].accuracy:.1f} / {100 * row.scores[name].cer:.2f}" for row in rows]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines.append("| mean without plates | " + " | ".join(f"{100 * row.mean:.1f}" for row in rows) + " |")
    lines.append("| ms per 320 px line | " + " | ".join(f"{row.milliseconds:.1f}" for row in rows) + " |")
    lines.append("| MB | " + " | ".join(f"{row.megabytes:.1f}" for row in rows) + " |")
    lines.append("| million parameters | " + " | ".join(f"{row.parameters / 1e6:.2f}" for row in rows) + " |")
    return "\n".join(lines)


def main() -> None:
    """Print the table for the published models and ours."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--lines", type=Path, required=True, help="folder of sets")
    parser.add_argument("--models", type=Path, required=True, help="folder to keep published models in")
    parser.add_argument("--ours", type=Path, nargs="*", default=[], help="folders with recogniser.onnx and charset.txt")
    parser.add_argument("--only-ours", action="store_true")
    parser.add_argument("--errors", type=Path, help="file to list wrong lines in")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    readers = [] if arguments.only_ours else published(arguments.models)
    for folder in arguments.ours:
        readers.append(Reader(folder.name, whole(folder), charsets.read(folder / "charset.txt")))
    wrong: list[str] = []
    print(table(measure(readers, read_sets(arguments.lines), wrong.append)))
    if arguments.errors:
        arguments.errors.write_text("\n".join(wrong), "utf-8")


if __name__ == "__main__":
    main()
