import json
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from edgeocr.model.networks.manifest import Calibration, load_manifest
from edgeocr.model.recognition.certainty import likelihood
from edgeocr.model.results import Character, ReadText
from edgeocr.model.training.confidence.calibrate import Outcome, fit
from edgeocr.model.training.confidence.manifest_values import put
from edgeocr.model.training.evaluation.certainty import Claim, calibration_error

TRUE = Calibration(slope=0.6, shift=-0.8)


def drawn(count: int) -> list[Outcome]:
    """Lines of a reader that is right as often as TRUE says."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(count):
        text = "".join(rng.choice(list("ab的縠"), int(rng.integers(1, 20))))
        sure = rng.uniform(0.5, 1, len(text)) ** 0.2
        read = ReadText(text, 0.0, tuple(Character(c, float(p), 0.0, 1.0) for c, p in zip(text, sure, strict=True)))
        found.append(Outcome(read, bool(rng.random() < likelihood(read, TRUE))))
    return found


def error(found: list[Outcome], calibration: Calibration) -> float:
    return calibration_error([Claim(likelihood(one.read, calibration), one.is_right) for one in found])


def test_a_fit_finds_how_often_lines_are_right() -> None:
    found = drawn(6000)
    fitted = fit(found[::2])
    assert fitted.slope == pytest.approx(TRUE.slope, abs=0.1)
    assert fitted.shift == pytest.approx(TRUE.shift, abs=0.1)
    assert error(found[1::2], fitted) < 0.03 < error(found[1::2], Calibration())


def test_lines_without_text_tell_nothing() -> None:
    found = drawn(500)
    assert fit([*found, Outcome(ReadText("", 0.0, ()), is_right=False)]) == fit(found)


def test_a_calibration_that_was_written_is_loaded(weights: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(weights, tmp_path / "weights"))
    before = json.loads((folder / "manifest.json").read_text())
    put(folder, "calibration", asdict(TRUE))
    assert load_manifest(folder).recogniser.calibration == TRUE
    assert json.loads((folder / "manifest.json").read_text())["detector"] == before["detector"]
