import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from edgeocr.model.networks.manifest import Calibration, load_manifest
from edgeocr.model.recognition.certainty import likelihood
from edgeocr.model.results import Character, ReadText
from edgeocr.model.training.confidence.calibrate import Outcome, fit, least_kept
from edgeocr.model.training.confidence.manifest_values import put
from edgeocr.model.training.evaluation.certainty import Claim, calibration_error

TRUE = Calibration(slope=0.6, shift=-0.8)


def drawn(count: int, by: Calibration = TRUE) -> list[Outcome]:
    """Lines of a reader that is right as often as a calibration says."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(count):
        text = "".join(rng.choice(list("ab的縠"), int(rng.integers(1, 20))))
        sure = rng.uniform(0.5, 1, len(text)) ** 0.2
        read = ReadText(text, 0.0, tuple(Character(c, float(p), 0.0, 1.0) for c, p in zip(text, sure, strict=True)))
        found.append(Outcome(read, bool(rng.random() < likelihood(read, by))))
    return found


def error(found: list[Outcome], calibration: Calibration) -> float:
    return calibration_error([Claim(likelihood(one.read, calibration), one.is_right) for one in found])


def test_a_fit_finds_how_often_lines_are_right() -> None:
    found = drawn(6000)
    fitted = fit(found[::2])
    assert fitted.slope == pytest.approx(TRUE.slope, abs=0.1)
    assert fitted.shift == pytest.approx(TRUE.shift, abs=0.1)
    assert error(found[1::2], fitted) < 0.03 < error(found[1::2], Calibration())


def test_a_fit_finds_how_much_likelier_long_lines_are() -> None:
    by = Calibration(slope=0.9, shift=-1.2, length=0.6)
    fitted = fit(drawn(12000, by), by_length=True)
    assert fitted.length == pytest.approx(by.length, abs=0.15)
    assert fitted.shift == pytest.approx(by.shift, abs=0.2)
    assert fit(drawn(1000, by)).length == 0.0


def test_lines_without_text_are_ignored() -> None:
    found = drawn(500)
    assert fit([*found, Outcome(ReadText("", 0.0, ()), is_right=False)]) == fit(found)


def test_a_calibration_that_was_written_is_loaded(weights: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(weights, tmp_path / "weights"))
    before = json.loads((folder / "manifest.json").read_text())
    put(folder, "calibration", asdict(TRUE))
    assert load_manifest(folder).recogniser.calibration == TRUE
    assert json.loads((folder / "manifest.json").read_text())["detector"] == before["detector"]


def test_readings_are_kept_from_where_they_are_hardly_more_often_wrong_than_the_accurate_ones() -> None:
    fast = [
        replace(one, is_right=likelihood(one.read, TRUE) > 0.4 or place % 2 == 0)
        for place, one in enumerate(drawn(4000))
    ]
    keep_above = least_kept(fast, TRUE, [replace(one, is_right=True) for one in fast])
    kept = [one for one in fast if likelihood(one.read, TRUE) >= keep_above]
    assert 0 < sum(not one.is_right for one in kept) <= 0.004 * len(kept)
    assert keep_above == pytest.approx(0.4, abs=0.02)
    assert least_kept(fast, TRUE, fast) < keep_above  # as good as the other: nothing need be read again


def test_no_reading_is_kept_if_the_most_confident_are_wrong() -> None:
    wrong = [replace(one, is_right=False) for one in drawn(50)]
    assert least_kept(wrong, TRUE, [replace(one, is_right=True) for one in wrong]) == 1.0
