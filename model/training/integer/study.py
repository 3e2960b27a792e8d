"""Measures the effect of pruning, and of integers part by part, on accuracy, time and size: tables and a plot.

python -m edgeocr.model.training.integer.study --cache CACHE --whole student.pt --lines SETS --picture study.png
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import matplotlib
import onnx
import torch

from edgeocr.model.training.data import charset as charsets
from edgeocr.model.training.distillation import prune
from edgeocr.model.training.distillation.recipe import Recipe
from edgeocr.model.training.evaluation.evaluate import Reader, Row, Set, measure, read_sets
from edgeocr.model.training.export import export_floats
from edgeocr.model.training.integer import calibration
from edgeocr.model.training.integer.graphs.neck import PARTS
from edgeocr.model.training.integer.graphs.recogniser import recogniser, with_float_backbone
from edgeocr.model.training.integer.pipeline import Pipeline, Plan
from edgeocr.model.training.integer.ranges import Method
from edgeocr.model.training.networks import onnx_file
from edgeocr.model.training.networks.crnn import Crnn

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # the backend has to be chosen first

SHARES = (0.0, 0.05, 0.1, 0.2, 0.3)
_METHODS: tuple[Method, ...] = ("extremes", "error", "average")

Named = dict[str, Row]


class Study:
    """Measures variants of a network on the same lines.

    Args:
        plan: of its pruning and quantisation.
        whole: the network in floats.
        sets: labelled lines.
        folder: for the measured files.
    """

    def __init__(self, plan: Plan, whole: Crnn, sets: Sequence[Set], folder: Path) -> None:
        self._plan = plan
        self._whole = whole
        self._sets = sets
        self._folder = folder
        self._charset = charsets.read(plan.recipe.charset_path)
        self._lines = calibration.lines(plan.recipe, plan.calibration_lines)

    def pruning(self) -> Iterator[tuple[float, float, Row]]:
        """For each share pruned: the share, million parameters left, and accuracy of the float network."""
        sums = prune.moments(self._whole.backbone, self._lines)
        options = prune.all_cuts(self._whole.backbone, sums)
        priced = calibration.batch(self._lines, self._plan.price_lines)
        prices, costs = prune.prices(self._whole, options, priced), prune.cut_costs(self._whole.backbone, options)
        for share in SHARES:
            student = prune.cut(self._whole, options, prune.choose(prices, costs, share))
            path = self._folder / f"share-{share}.onnx"
            export_floats(student, path)
            row = self._measured(f"{share:.0%} pruned", onnx.load(str(path)))
            yield share, sum(p.numel() for p in student.parameters()) / 1e6, row

    def steps(self, pipeline: Pipeline) -> Iterator[Row]:
        """All in integers, with ranges by each method, not tuned."""
        network = pipeline.prepared()
        neck = calibration.neck_ranges(network, {}, self._lines)
        for method in _METHODS:
            begun = calibration.backbone_ranges(network, self._lines, method)
            yield self._measured(f"ranges by {method}", recogniser(network, {**begun, **neck}))

    def parts(self, pipeline: Pipeline) -> Iterator[Row]:
        """The finished network with its parts in integers one by one, then all of them."""
        done, backbone = pipeline.run(), self._folder / "backbone.onnx"
        onnx_file.write(done.network.backbone, backbone, {"features": {0: "batch", 2: "steps"}})
        yield self._measured("none", with_float_backbone(done.network, backbone, done.ranges, PARTS))
        for part in PARTS:
            rest = [other for other in PARTS if other != part]
            yield self._measured(f"{part}", with_float_backbone(done.network, backbone, done.ranges, rest))
        yield self._measured("backbone", recogniser(done.network, done.ranges, PARTS))
        yield self._measured("all", recogniser(done.network, done.ranges))

    def _measured(self, name: str, model: onnx.ModelProto) -> Row:
        (row,) = measure([Reader(name, model, self._charset)], self._sets, lambda _: None)
        print(_line(row), flush=True)
        return row


def _line(row: Row) -> str:
    scores = " | ".join(f"{100 * score.accuracy:.1f}" for score in row.scores.values())
    return f"| {row.name} | {100 * row.mean:.2f} | {scores} | {row.milliseconds:.1f} | {row.megabytes:.1f} |"


def plot(curve: Sequence[tuple[float, float, Row]], parts: Sequence[Row], chosen: float, picture: Path) -> None:
    """Plot the pruning curve on the left, and accuracy and time by parts in integers on the right."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.5))
    shares = [100 * share for share, _, _ in curve]
    left.plot(shares, [100 * row.mean for _, _, row in curve], "o-", label="accuracy, %, mean without plates")
    left.axvline(100 * chosen, color="grey", linestyle=":", label="chosen")
    left.set(xlabel="multiplications of the pairs pruned, %", ylabel="accuracy, %", title="Pruning, nothing retrained")
    times = left.twinx()
    times.plot(shares, [row.milliseconds for _, _, row in curve], "s--", color="tab:orange", label="ms in floats")
    times.set_ylabel("ms for a line of 320 pixels")
    left.legend(loc="lower left")
    names = [row.name for row in parts]
    right.barh(names, [row.milliseconds for row in parts], color="tab:orange", alpha=0.6)
    for place, row in enumerate(parts):
        right.text(0.3, place, f"{100 * row.mean:.2f} %, {row.megabytes:.1f} MB", va="center")
    right.invert_yaxis()
    right.set(xlabel="ms for a line of 320 pixels", title="What is in integers: time, accuracy, size")
    figure.tight_layout()
    figure.savefig(picture, dpi=110)
    plt.close(figure)


def main() -> None:
    """Measure and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="of the pipeline to the network in floats")
    parser.add_argument("--integer", type=Path, required=True, help="where the integer pipeline keeps its steps")
    parser.add_argument("--whole", type=Path, required=True, help="the network in floats")
    parser.add_argument("--lines", type=Path, required=True, help="folder of labelled sets")
    parser.add_argument("--picture", type=Path, required=True)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    plan, whole = Plan(Recipe(arguments.cache)), torch.load(arguments.whole, weights_only=False)
    sets = read_sets(arguments.lines)
    print("| in integers, or pruned | mean without plates | " + " | ".join(name for name, _ in sets) + " | ms | MB |")
    print("| --- |" + " --- |" * (len(sets) + 3))
    with tempfile.TemporaryDirectory() as folder:
        study, pipeline = Study(plan, whole, sets, Path(folder)), Pipeline(plan, whole, arguments.integer)
        curve, _, parts = list(study.pruning()), list(study.steps(pipeline)), list(study.parts(pipeline))
    print(json.dumps([(share, round(parameters, 2)) for share, parameters, _ in curve]))
    plot(curve, parts, plan.share, arguments.picture)


if __name__ == "__main__":
    main()
