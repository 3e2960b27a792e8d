from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeocr.model.networks.manifest import load_manifest
from edgeocr.model.recognition.recogniser import Recogniser, RecogniserNetworks
from edgeocr.model.recognition.rules.plates import PlateGrammar
from edgeocr.model.training.data import charset as charsets
from edgeocr.model.training.evaluation.evaluate import Reader
from edgeocr.model.training.integer.split import whole
from edgeocr.model.training.networks import tensors


def _tall_line(weights: Path) -> np.ndarray:
    line = cv2.imread(str(weights / "known-line.png"))
    return np.asarray(cv2.resize(line, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST), np.uint8)


def test_lines_are_scored_as_the_server_reads_them(weights: Path) -> None:
    spec = load_manifest(weights).recogniser
    reader = Reader("ours", whole(weights), charsets.read(weights / "charset.txt"), spec.calibration, spec.provinces)
    image = _tall_line(weights)
    (served,) = Recogniser(RecogniserNetworks(spec), spec).read([image])
    read = reader.read(image)
    assert read.text == served.text
    claims = [[character.confidence for character in found.characters] for found in (read, served)]
    np.testing.assert_allclose(*claims, atol=0.02)


def test_plates_are_looked_for_among_the_classes_that_there_are(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader("ours", whole(weights), charsets.read(weights / "charset.txt"))
    image = _tall_line(weights)
    found = reader.read(image)
    monkeypatch.setattr(PlateGrammar, "is_near", lambda *_: True)
    assert reader.read(image).text == found.text


def test_thin_strokes_of_tall_lines_are_not_lost_between_sampled_points() -> None:
    image = np.full((48 * 7, 700, 3), 255, np.uint8)
    image[::7] = 0
    scaled = tensors.resized(image)
    assert scaled.shape == (48, 100, 3)
    np.testing.assert_allclose(scaled, 255 * 6 / 7, atol=1)
