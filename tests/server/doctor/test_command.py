import json
import shutil

import pytest

from edgeocr.client.cli.main import main
from edgeocr.server.doctor import self_test
from tests.server.doctor.machines import container, kunpeng, made


def test_this_machine_is_well_and_reads(capsys):
    main(["doctor", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    found = {finding["name"]: finding for finding in report["findings"]}
    assert found["self-test"]["verdict"] == "ok"
    assert "checksums right" in found["weights"]["value"]


def test_text_says_what_to_set(tmp_path, capsys):
    made(tmp_path, kunpeng())
    assert main(["doctor", "--root", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "warning  NUMA nodes" in printed
    assert "→ Run one server per node" in printed
    assert "  --workers 32" in printed


@pytest.mark.parametrize("kind", ["machine", "weights", "reading"])
def test_what_keeps_the_server_from_its_work_ends_with_1(tmp_path, weights, monkeypatch, capsys, kind):
    made(tmp_path, container((64 if kind == "machine" else 512) << 20))
    models = shutil.copytree(weights, tmp_path / "weights")
    if kind == "weights":
        (models / "detector.onnx").write_bytes(b"something else")
    if kind == "reading":
        monkeypatch.setattr(self_test, "TEXT", "what is not there")
    assert main(["doctor", "--root", str(tmp_path), "--models", str(models)]) == 1
    expected = {"machine": "memory limit", "weights": "was altered", "reading": "for 'what is not there'"}[kind]
    assert expected in capsys.readouterr().out
