"""Measures the memory per pixel of networks and decoders, and compares it with what the server plans for.

Run it after replacing a network, and put the printed run_bytes_per_pixel into the manifest. Fails if something takes
more than planned.

    python -m tests.benchmarks.memory.per_pixel [--models FOLDER]
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from edgeocr.model.detection.detector import Detector, scaled_size
from edgeocr.model.files.headers.header import read_header
from edgeocr.model.files.image import EncodedImage, decode
from edgeocr.model.networks.manifest import DEFAULT_FOLDER, RecogniserSpec
from edgeocr.model.pipeline import Models
from edgeocr.model.pixels import Pixels
from edgeocr.model.recognition.recogniser import BATCH_PIXELS, Recogniser, RecogniserNetworks
from edgeocr.server.host.heap import trim, tune
from tests.support.files.file_formats import every_format

_RUNS = 6
_ROUNDING = 8 << 20
"""Bytes by which pages, and what is allocated once, may blur a measurement."""
WIDTH, HEIGHT = 4000, 3000


def peak_bytes(work: Callable[[], object], runs: int = _RUNS) -> int:
    """Most memory that the work takes in some runs, beside what was there before (proc(5))."""
    trim()
    Path("/proc/self/clear_refs").write_text("5")
    before = _status_bytes("VmRSS")
    for _ in range(runs):
        work()
    return _status_bytes("VmHWM") - before


def _status_bytes(name: str) -> int:
    rows = Path("/proc/self/status").read_text().splitlines()
    return int(next(row.split()[1] for row in rows if row.startswith(name))) * 1024


def detector_bytes_per_pixel(models: Models) -> float:
    """The detector's costliest shape of some usual ones."""
    costs = []
    for width, height in ((800, 600), (700, 990), (3000, 3000), (4000, 3000)):
        page = np.full((height, width, 3), 255, np.uint8)
        detector = Detector(models.detector, models.manifest.detector)
        across, down = scaled_size(models.manifest.detector, width, height)
        costs.append(peak_bytes(lambda detector=detector, page=page: detector.find(page)) / (across * down))
    return max(costs)


def recogniser_bytes_per_pixel(networks: RecogniserNetworks, spec: RecogniserSpec) -> float:
    """A recogniser's costliest batch."""
    recogniser = Recogniser(networks, spec)
    costs = []
    for lines in (1, 2, 4):
        bucket = max(BATCH_PIXELS // lines, spec.min_width)
        crops = [np.full((spec.height, bucket, 3), 255, np.uint8)] * lines
        peak = peak_bytes(lambda crops=crops: recogniser.read(crops))
        costs.append(peak / (lines * bucket * spec.height))
    return max(costs)


def noise(width: int, height: int) -> Pixels:
    """Colours that no codec makes nothing of."""
    small = np.random.default_rng(1).integers(0, 255, (height // 8, width // 8, 3), np.uint8)
    return np.asarray(cv2.resize(small, (width, height)), np.uint8)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=DEFAULT_FOLDER, help="folder of weights (default: %(default)s)")
    tune()
    models = Models.load(parser.parse_args().models)
    manifest = models.manifest
    failed = False
    networks = {"recogniser": models.recogniser, "fast_recogniser": models.fast_recogniser}
    costs = [("detector", manifest.detector.run_bytes_per_pixel, detector_bytes_per_pixel(models))]
    for (name, loaded), spec in zip(networks.items(), manifest.recognisers, strict=False):
        if loaded is not None:
            costs.append((name, spec.run_bytes_per_pixel, recogniser_bytes_per_pixel(loaded, spec)))
    for name, said, measured in costs:
        failed |= measured > said
        print(f"{name}: run_bytes_per_pixel {measured:.1f}, the manifest says {said:.1f}")
    print(f"\n{'format':20} {'scale':>5} {'measured':>9} {'planned':>9}   bytes for each pixel of the file")
    for name, data in every_format(Image.fromarray(noise(WIDTH, HEIGHT))):
        header = read_header(data)
        assert header is not None
        for reduction in (1, 2, 4, 8) if header.can_shrink else (1,):
            taken = peak_bytes(lambda data=data, scale=reduction: decode(EncodedImage(data), scale), runs=1)
            shrunken = header.width * header.height / reduction**2
            planned = header.pixel_bytes * shrunken + header.source_pixel_bytes * header.width * header.height
            failed |= taken > planned + _ROUNDING
            pixels = header.width * header.height
            print(f"{name:20} {reduction:5} {taken / pixels:9.2f} {planned / pixels:9.2f}")
    print("\nfails: something takes more than planned" if failed else "\nnothing takes more")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
