"""What runs on the emulated CPU: the server's own reading of lines, and single runs of a network between marks.

Needs nothing but `edgeocr.model`, what that imports, and the module of marks. The same program runs on the real CPU, to
compare with.
"""

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

from edgeocr.model.files.image import EncodedImage, decode
from edgeocr.model.networks.manifest import NetworkFile, load_manifest
from edgeocr.model.networks.session import Network
from edgeocr.model.recognition.recogniser import Recogniser, RecogniserNetworks
from tests.checks.arm64.guests.marks import mark

_WARM_RUNS = 2


def texts(weights: Path, images: Iterable[Path]) -> Iterator[str]:
    """The text of each image file, which is one line, as the server would read it."""
    spec = load_manifest(weights).recogniser
    recogniser = Recogniser(RecogniserNetworks(spec), spec)
    for image in images:
        pixels = decode(EncodedImage(image.read_bytes())).pixels
        (read,) = recogniser.read([pixels])
        yield read.text


def run_marked(network: Path, width: int, scores: tuple[int, int], runs: int) -> None:
    """Runs a network on one line of noise, a mark before each run and one after the last.

    Args:
        network: ONNX file that takes 1×48×width×3 pixels.
        width: of the line, in pixels.
        scores: time steps and classes of its output.
        runs: how many, after two that warm it up.
    """
    file = NetworkFile(network.stem, network, "", 0, "")
    session = Network(file, np.float32)
    line = np.random.default_rng(0).integers(0, 256, (1, 48, width, 3), np.uint8)
    out = np.empty((1, *scores), np.float32)
    for number in range(_WARM_RUNS + runs):
        if number >= _WARM_RUNS:
            mark(number - _WARM_RUNS)
        session.run(line, out)
    mark(runs)


def main() -> None:
    """The command, for the checks to start."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    read = commands.add_parser("read")
    read.add_argument("--weights", type=Path, required=True)
    read.add_argument("--images", type=Path, required=True, help="file with one path a line")
    read.add_argument("--to", type=Path, required=True, help="JSON lines, appended to")
    run = commands.add_parser("run")
    run.add_argument("--network", type=Path, required=True)
    run.add_argument("--width", type=int, required=True)
    run.add_argument("--scores", type=int, nargs=2, required=True)
    run.add_argument("--runs", type=int, required=True)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if arguments.command == "run":
        steps, classes = arguments.scores
        run_marked(arguments.network, arguments.width, (steps, classes), arguments.runs)
        return
    images = [Path(line) for line in arguments.images.read_text("utf-8").splitlines()]
    with arguments.to.open("a", encoding="utf-8") as rows:
        for image, text in zip(images, texts(arguments.weights, images), strict=True):
            # Flushed line by line: a check that was stopped goes on where it was.
            print(json.dumps({"image": str(image), "text": text}, ensure_ascii=False), file=rows, flush=True)


if __name__ == "__main__":
    main()
