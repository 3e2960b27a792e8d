"""Compares published models and ours on the same lines: accuracy, error rate, calibration, spaces, time, size.

A folder of lines has a folder per set, each with a labels.tsv of "image path, tab, truth".
"""

import argparse
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray

from edgeocr.model.networks.manifest import FILE_NAME, Calibration, load_manifest
from edgeocr.model.recognition import ctc
from edgeocr.model.recognition.certainty import likelihood
from edgeocr.model.recognition.rules.plates import PlateGrammar
from edgeocr.model.recognition.rules.rule import ALL_RULES, DecodingRule
from edgeocr.model.recognition.rules.spelling import spelled
from edgeocr.model.results import ReadText
from edgeocr.model.training.data import charset as charsets
from edgeocr.model.training.data import wheels
from edgeocr.model.training.evaluation.certainty import Claim, calibration_error, chance_error, mean_risk, risk_at
from edgeocr.model.training.evaluation.scoring import Score, counts, score
from edgeocr.model.training.evaluation.spaces import Spaces, count
from edgeocr.model.training.integer.split import FAST, whole
from edgeocr.model.training.networks import tensors
from edgeocr.model.training.networks.backbone import HEIGHT_PIXELS
from edgeocr.model.training.networks.onnx_file import on_one_thread
from edgeocr.model.training.networks.tensors import Image

_TIMED_WIDTH_PIXELS = 320
_TIMED_RUNS = 40
_TIME_STEP_PIXELS = 8
_LEAST_PROBABILITY = 1e-12


class Reader:
    """A recogniser: lines in, texts out, on one thread, one line at a time.

    Args:
        name: in tables.
        model: N×3×48×W floats or N×48×W×3 uint8 pixels to N×T×C, class 0 the blank.
        charset: characters of classes 1, 2, …; a last class beyond them is the space.
        calibration: of its confidences.
        provinces: constants for the scores of provinces on plates.
        rules: decoding rules of ours.

    Attributes:
        megabytes: size of its file.
        parameters: number of its weights.
    """

    def __init__(
        self,
        name: str,
        model: onnx.ModelProto,
        charset: Sequence[str],
        calibration: Calibration | None = None,
        provinces: Mapping[str, float] = MappingProxyType({}),
        rules: Collection[DecodingRule] = ALL_RULES,
    ) -> None:
        self.name = name
        self.megabytes = model.ByteSize() / 1e6
        self.parameters = _parameters(model.graph)
        self._session = on_one_thread(model.SerializeToString())
        (self._input,) = self._session.get_inputs()
        self._takes_pixels = self._input.type == "tensor(uint8)"
        self._charset = [*charset, " "]
        self._calibration = calibration or Calibration()
        self._rules = rules
        reads_plates = self._takes_pixels and DecodingRule.PLATES in rules
        self._plates = PlateGrammar(charset, provinces) if reads_plates else None

    def read(self, image: Image) -> ReadText:
        """Read one line, H×W×3 BGR; ours decodes as the server does."""
        line = tensors.resized(image)
        ((scores,),) = self._session.run(None, self._feed(line))
        if scores.min() >= 0:  # a published file that ends in a softmax
            scores = np.log(np.maximum(scores, _LEAST_PROBABILITY))
        path = ctc.best_path(scores)
        if self._plates is not None and self._plates.is_near(path):
            path = self._plates.path(scores, path)
        read = ctc.decode(path, self._charset, line.shape[1] / _TIME_STEP_PIXELS)
        return spelled(read, ctc.centres(path.classes), self._rules) if self._takes_pixels else read

    def claim(self, read: ReadText, set_name: str) -> float:
        """Confidence, 0–1, of the characters that count in a set."""
        counted = tuple(character for character in read.characters if counts(character.text, set_name))
        return likelihood(replace(read, characters=counted), self._calibration)

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
        make = tensors.to_pixels if self._takes_pixels else tensors.to_input
        return {self._input.name: make([line])}


def _parameters(graph: onnx.GraphProto) -> int:
    held = [int(np.prod(i.dims)) for i in graph.initializer]
    constants = [n.attribute[0].t for n in graph.node if n.op_type == "Constant" and n.attribute[0].HasField("t")]
    return sum(held) + sum(int(np.prod(t.dims)) for t in constants)


def published(models_dir: Path) -> list[Reader]:
    """Open the published models to compare with, fetching them if necessary."""
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
    claims: dict[str, list[Claim]]
    spaces: dict[str, Spaces]
    milliseconds: float
    megabytes: float
    parameters: int

    @property
    def mean(self) -> float:
        """Mean line accuracy over the sets, 0–1, without licence plates, which are reported separately."""
        return float(np.mean([s.accuracy for name, s in self.scores.items() if name != "zh_plate"]))

    @property
    def calibration(self) -> float:
        """Mean expected calibration error over the sets, 0–1."""
        return float(np.mean([calibration_error(claims) for claims in self.claims.values()]))

    @property
    def chance(self) -> float:
        """The calibration error by chance alone, 0–1, since sets are small."""
        return float(np.mean([chance_error(claims) for claims in self.claims.values()]))

    @property
    def all_claims(self) -> list[Claim]:
        """The claims about all lines of all sets."""
        return [claim for claims in self.claims.values() for claim in claims]


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
    """Read every set with every recogniser; `report` receives wrong lines."""
    rows = []
    for reader in readers:
        row = Row(reader.name, {}, {}, {}, 0.0, reader.megabytes, reader.parameters)
        for set_name, images in sets:
            reads = [(truth, reader.read(image)) for image, truth in images]
            pairs = [(truth, read.text) for truth, read in reads]
            is_right = [score([pair], set_name).exact == 1 for pair in pairs]
            row.scores[set_name] = score(pairs, set_name)
            row.claims[set_name] = [
                Claim(reader.claim(read, set_name), right) for (_, read), right in zip(reads, is_right, strict=True)
            ]
            row.spaces[set_name] = count(pairs)
            for (truth, guess), right in zip(pairs, is_right, strict=True):
                if not right:
                    report(f"{reader.name}\t{set_name}\t{truth}\t{guess}")
        rows.append(row)
    # Times are measured together at the end, in turn, so that other load affects all alike.
    turns = [[reader.milliseconds() for reader in readers] for _ in range(3)]
    best = np.array(turns).min(0)
    return [replace(row, milliseconds=float(ms)) for row, ms in zip(rows, best, strict=True)]


def table(rows: Sequence[Row]) -> str:
    """A Markdown table: line accuracy % / CER % / expected calibration error % by set, their means, spaces, ms per
    line, MB, million parameters."""
    sets = list(rows[0].scores)
    lines = ["| set | " + " | ".join(row.name for row in rows) + " |", "| --- |" + " --- |" * len(rows)]
    for name in sets:
        cells = [
            f"{100 * row.scores[name].accuracy:.1f} / {100 * row.scores[name].cer:.2f}"
            f" / {100 * calibration_error(row.claims[name]):.1f}"
            for row in rows
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    for title, shown in _SUMMARY.items():
        lines.append(f"| {title} | " + " | ".join(shown(row) for row in rows) + " |")
    return "\n".join(lines)


def _word_spaces(row: Row) -> str:
    spaces = sum((found for name, found in row.spaces.items() if name in _SPACED), Spaces())
    return f"{100 * spaces.precision:.1f} / {100 * spaces.recall:.1f}"


_SPACED = frozenset({"en_print", "en_receipt"})
"""Sets whose labels have spaces between words."""

_SUMMARY: dict[str, Callable[[Row], str]] = {
    "mean without plates": lambda row: f"{100 * row.mean:.1f}",
    "mean calibration error, %": lambda row: f"{100 * row.calibration:.1f}",
    "the same, were its claims true": lambda row: f"{100 * row.chance:.1f}",
    "calibration error of all lines, %": lambda row: f"{100 * calibration_error(row.all_claims):.1f}",
    "wrong of the surest 80 / 90 %, %": lambda row: (
        f"{100 * risk_at(row.all_claims, 0.8):.1f} / {100 * risk_at(row.all_claims, 0.9):.1f}"
    ),
    "mean risk over coverage, %": lambda row: f"{100 * mean_risk(row.all_claims):.2f}",
    "word spaces, precision / recall %": _word_spaces,
    "stray spaces beside Han": lambda row: f"{sum(found.stray for found in row.spaces.values())}",
    "ms per 320 px line": lambda row: f"{row.milliseconds:.1f}",
    "MB": lambda row: f"{row.megabytes:.1f}",
    "million parameters": lambda row: f"{row.parameters / 1e6:.2f}",
}


def main() -> None:
    """Print the table for the published models and ours."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--lines", type=Path, required=True, help="folder of sets")
    parser.add_argument("--models", type=Path, required=True, help="folder to keep published models in")
    parser.add_argument("--ours", type=Path, nargs="*", default=[], help="folders with recogniser.onnx and charset.txt")
    parser.add_argument("--only-ours", action="store_true")
    parser.add_argument("--rules", action="store_true", help="measure ours also without each decoding rule")
    parser.add_argument("--errors", type=Path, help="file to list wrong lines in")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    readers = [] if arguments.only_ours else published(arguments.models)
    for folder in arguments.ours:
        manifest = load_manifest(folder) if (folder / FILE_NAME).exists() else None
        spec = manifest.recogniser if manifest else None
        measured = spec.calibration if spec else Calibration(), spec.provinces if spec else {}
        charset = charsets.read(folder / "charset.txt")
        readers.append(Reader(folder.name, whole(folder), charset, *measured))
        for rule in DecodingRule if arguments.rules else ():
            name = f"{folder.name} without {rule}"
            readers.append(Reader(name, whole(folder), charset, *measured, ALL_RULES - {rule}))
        fast = manifest.fast_recogniser if manifest else None
        if fast is not None:
            name = f"{folder.name}, fast"
            readers.append(Reader(name, whole(folder, FAST), fast.charset, fast.calibration, fast.provinces))
    wrong: list[str] = []
    print(table(measure(readers, read_sets(arguments.lines), wrong.append)))
    if arguments.errors:
        arguments.errors.write_text("\n".join(wrong), "utf-8")


if __name__ == "__main__":
    main()
