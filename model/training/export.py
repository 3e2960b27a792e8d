"""Exports networks for the server: files, charset and manifest in one folder.

Each recogniser is compared with PyTorch before its files are put into that folder.
"""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch

from edgeocr.model.networks.manifest import FILE_NAME, FORMAT, checksum, load_manifest
from edgeocr.model.training import known_line
from edgeocr.model.training.data import charset as charsets
from edgeocr.model.training.data import wheels
from edgeocr.model.training.detection import build as detector
from edgeocr.model.training.detection import published
from edgeocr.model.training.distillation.recipe import Recipe, line_maker
from edgeocr.model.training.integer import calibration, split
from edgeocr.model.training.integer.export import export as export_integers
from edgeocr.model.training.integer.pipeline import Quantised
from edgeocr.model.training.networks import onnx_file, tensors
from edgeocr.model.training.networks.backbone import HEIGHT_PIXELS
from edgeocr.model.training.networks.crnn import Crnn
from edgeocr.model.training.networks.pixel_input import take_pixels

NAME = "edgeocr CRNN, PP-OCRv6 small backbone, INT8"
FAST_NAME = "edgeocr fast CRNN, PP-OCRv6 tiny backbone, INT8"
TIME_STEP_PIXELS = 8
_TOLERANCE = 1e-3


def export_floats(student: Crnn, path: Path) -> float:
    """Write a recogniser in floats, to measure and compare with: N×48×W×3 uint8 BGR in, logits out, both dynamic.

    Returns:
        The maximum difference to PyTorch's logits over three shapes.

    Raises:
        ValueError: that difference is beyond 0.001.
    """
    student = student.eval()
    onnx_file.write(student, path, {"logits": {0: "batch", 1: "steps"}})
    serve_pixels(path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    difference = 0.0
    for batch, width in ((1, 320), (3, 96), (2, 1024)):
        pixels = rng.integers(0, 256, (batch, HEIGHT_PIXELS, width, 3), np.uint8)
        with torch.no_grad():
            lines = torch.tensor(pixels.transpose(0, 3, 1, 2) * np.float32(2 / 255) - 1)
            expected = student(lines).numpy()
        difference = max(difference, float(np.abs(session.run(None, {"pixels": pixels})[0] - expected).max()))
    if difference > _TOLERANCE:
        raise ValueError(f"exported logits differ by {difference:.2g}")
    return difference


def serve_pixels(path: Path) -> None:
    """Change a recogniser's input from normalised lines to pixels, in place."""
    model = onnx.load(str(path))
    take_pixels(model, mean=(0.5, 0.5, 0.5), deviation=(0.5, 0.5, 0.5))
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def export(quantised: Quantised, charset: list[str], recipe: Recipe, folder: Path) -> float:
    """Write a folder of weights, replacing files that exist.

    The recipe says where the published networks, faces and texts are, and how many pages the detector is made with.

    Returns:
        The root mean square difference of the recogniser's logits to its simulation's, as a share of their deviation.

    Raises:
        ValueError: that difference is beyond 0.25, or a downloaded file is not the pinned one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        made = Path(scratch)
        difference = export_integers(quantised, made, calibration.lines(recipe, recipe.fitting_lines))
        charsets.write(made / "charset.txt", charset)
        text = known_line.write(made, charset)
        lines, _ = line_maker(recipe)
        pages = detector.rendered(lines, recipe.seed, recipe.detector_pages)
        detector.build(recipe.wheels_dir, pages, made / "detector.onnx")
        recogniser = _recogniser(made, "", quantised, text)
        _write_manifest(made, {"format": FORMAT, "recogniser": recogniser, "detector": _detector(made)})
        load_manifest(made)
        for path in made.iterdir():
            shutil.move(path, folder / path.name)
    return difference


def add_fast(quantised: Quantised, charset: list[str], recipe: Recipe, folder: Path) -> float:
    """Write the fast recogniser into a folder that has the other weights, replacing one that exists.

    Until `confidence.calibrate` has set its threshold, all of its lines are read again.

    Returns:
        What `export` returns, of this recogniser.

    Raises:
        ValueError: that difference is beyond 0.25.
    """
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        made = Path(scratch)
        fitted_on = calibration.lines(recipe, recipe.fitting_lines)
        difference = export_integers(quantised, made, fitted_on, split.FAST)
        charsets.write(made / f"{split.FAST}charset.txt", charset)
        text = known_line.write(made, charset, split.FAST)
        entry = {**_recogniser(made, split.FAST, quantised, text), "keep_above": 1.0}
        for path in made.iterdir():
            shutil.move(path, folder / path.name)
    values = json.loads((folder / FILE_NAME).read_text("utf-8"))
    _write_manifest(folder, {**values, "fast_recogniser": entry})
    load_manifest(folder)
    return difference


def _write_manifest(folder: Path, values: dict[str, Any]) -> None:
    values = {name: value for name, value in values.items() if name != "sha256"}
    text = json.dumps({**values, "sha256": checksum(values)}, indent=2)
    (folder / FILE_NAME).write_text(f"{text}\n", "utf-8")


def _recogniser(folder: Path, prefix: str, quantised: Quantised, known_text: str) -> dict[str, Any]:
    is_fast = prefix == split.FAST
    name = FAST_NAME if is_fast else NAME
    return {
        "name": name,
        **_file(folder, f"{prefix}{split.FILE}"),
        "head": {"name": f"{name}, head", **_file(folder, f"{prefix}{split.HEAD_FILE}")},
        "features": quantised.network.head.in_features,
        "licence": "Apache-2.0",
        "source": f"distilled from {wheels.TINY if is_fast else wheels.SMALL}, quantised",
        "height": HEIGHT_PIXELS,
        "time_step_pixels": TIME_STEP_PIXELS,
        "min_width": tensors.MIN_WIDTH_PIXELS,
        "pad": tensors.PAD,
        "run_bytes_per_pixel": 120,
        "charset": _file(folder, f"{prefix}charset.txt"),
        "known_line": {
            "image": _file(folder, f"{prefix}{known_line.IMAGE}"),
            "features": _file(folder, f"{prefix}{known_line.FEATURES}"),
            "text": known_text,
        },
    }


def _detector(folder: Path) -> dict[str, Any]:
    return {
        "name": detector.NAME,
        **_file(folder, "detector.onnx"),
        "licence": "Apache-2.0",
        "source": f"quantised from {published.SOURCE}",
        "run_bytes_per_pixel": 44,
        "longest_side": 960,
        "side_multiple": 32,
        "pixel_threshold": 0.3,
        "box_threshold": 0.5,
        "unclip_ratio": 1.5,
    }


def _file(folder: Path, name: str) -> dict[str, str]:
    return {"file": name, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
