import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from edgeocr.model.networks.manifest import load_manifest
from edgeocr.model.training.confidence.manifest_values import put
from edgeocr.model.training.confidence.provinces import fit


def test_a_fit_recovers_constants_subtracted_from_scores() -> None:
    rng = np.random.default_rng(5)
    taken = np.array([1.5, 0.0, -1.5])
    scores = rng.normal(0, 2, (6000, 3))
    likely = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    truths = (rng.random((6000, 1)) > likely.cumsum(1)).sum(1)
    leads = fit(scores - taken, truths)
    assert leads - leads.mean() == pytest.approx(taken, abs=0.15)


def test_scores_that_separate_provinces_need_no_constants() -> None:
    truths = np.arange(300) % 3
    assert fit(10.0 * np.eye(3)[truths], truths) == pytest.approx(0.0, abs=1e-6)


def test_written_constants_of_provinces_are_loaded(weights: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(weights, tmp_path / "weights"))
    before = json.loads((folder / "manifest.json").read_text("utf-8"))
    put(folder, "provinces", {"皖": 0.25, "沪": -1.5})
    assert load_manifest(folder).recogniser.provinces == {"皖": 0.25, "沪": -1.5}
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["detector"] == before["detector"]
