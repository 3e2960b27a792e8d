import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest

from edgeocr.model.networks import weight_pairs, x86_weights
from edgeocr.model.networks.manifest import DEFAULT_FOLDER, FILE_NAME, load_manifest
from edgeocr.model.networks.onnx_bytes import INT8, initialisers
from edgeocr.model.networks.weight_pairs import pairs_fit
from edgeocr.model.networks.x86_weights import UNSIGNED_MEMORY, exact_weights, overflows, with_unsigned_weights


@pytest.fixture(scope="module")
def model() -> bytes:
    return load_manifest(DEFAULT_FOLDER).recogniser.file.path.read_bytes()


def _networks() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(DEFAULT_FOLDER.glob("*.onnx"))}


def _run(model: bytes, given: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: given})[0]


def test_no_pair_of_weights_in_the_files_overflows() -> None:
    networks = _networks()
    assert len(networks) == 5
    for name, content in networks.items():
        assert any(found.kind == INT8 for found in initialisers(content)), name
        assert pairs_fit(content), name


def test_files_are_loaded_as_they_are_on_every_cpu(model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    for answer in (True, False):
        monkeypatch.setattr(x86_weights, "overflows", lambda answer=answer: answer)
        assert exact_weights(model) == model


def test_network_with_unsigned_weights_gives_the_same_features(model: bytes) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1, 48, 320, 3), np.uint8)
    unsigned = with_unsigned_weights(model)
    assert unsigned != model
    np.testing.assert_array_equal(_run(unsigned, pixels), _run(model, pixels))


def test_run_of_a_network_whose_pairs_overflow_takes_more_memory(model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x86_weights, "overflows", lambda: True)
    assert x86_weights.run_memory(model) == 1.0
    monkeypatch.setattr(weight_pairs, "pairs_fit", lambda _: False)
    assert x86_weights.run_memory(model) == UNSIGNED_MEMORY


def test_what_is_unsigned_already_stays(model: bytes) -> None:
    unsigned = with_unsigned_weights(model)
    assert with_unsigned_weights(unsigned) == unsigned


@pytest.mark.parametrize("cut", [1, 100, 5000])
def test_cut_off_file_is_refused(model: bytes, cut: int) -> None:
    with pytest.raises(ValueError, match="no ONNX file"):
        with_unsigned_weights(model[:-cut])


def test_bytes_of_something_else_are_refused() -> None:
    with pytest.raises(ValueError, match="no ONNX file"):
        with_unsigned_weights(b"\x07" * 64)


@pytest.mark.parametrize(
    ("machine", "vnni_512", "flags", "expected"),
    [
        ("aarch64", False, "", False),
        ("x86_64", True, "flags\t\t: fpu avx512_vnni", False),
        ("x86_64", False, "flags\t\t: fpu avx2 avx_vnni lahf_lm", False),
        ("x86_64", False, "flags\t\t: fpu avx2", True),
        ("x86_64", False, None, True),
    ],
)
def test_only_x86_without_vnni_overflows(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    machine: str,
    vnni_512: bool,
    flags: str | None,
    expected: bool,
) -> None:
    monkeypatch.setattr(cv2, "checkHardwareSupport", lambda _: vnni_512)
    cpu_info = tmp_path / "cpuinfo"
    if flags is not None:
        cpu_info.write_text(f"processor\t: 0\n{flags}\n")
    assert overflows(machine, cpu_info) is expected


_RUN = """
import sys
from pathlib import Path

import numpy as np
import onnxruntime

from edgeocr.model.networks.session import session_options
from edgeocr.model.networks.x86_weights import with_unsigned_weights
from edgeocr.server.host.heap import tune


def kibibytes(name):
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith(name))


tune()
model = {"signed": bytes, "unsigned": with_unsigned_weights}[sys.argv[2]](Path(sys.argv[1]).read_bytes())
session = onnxruntime.InferenceSession(model, session_options(), providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
session.run(None, {name: np.zeros((1, 96, 96, 3), np.uint8)})
pixels = np.zeros((1, 704, 960, 3), np.uint8)
before = kibibytes("VmRSS:")
# The high-water mark begins anew.
Path("/proc/self/clear_refs").write_text("5")
session.run(None, {name: pixels})
print((kibibytes("VmHWM:") - before) * 1024)
"""


@pytest.mark.parametrize(("kind", "factor"), [("signed", 1.0), ("unsigned", UNSIGNED_MEMORY)])
def test_a_run_takes_no_more_memory_than_is_said_of_its_weights(kind: str, factor: float) -> None:
    path = DEFAULT_FOLDER / "detector.onnx"
    said = json.loads((DEFAULT_FOLDER / FILE_NAME).read_text())["detector"]["run_bytes_per_pixel"]
    command = [sys.executable, "-c", _RUN, str(path), kind]
    taken = int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert 0.5 * said < taken / (704 * 960) <= 1.05 * factor * said


def test_the_manifest_says_what_a_run_takes_on_every_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    said = json.loads((DEFAULT_FOLDER / FILE_NAME).read_text())["detector"]["run_bytes_per_pixel"]
    monkeypatch.setattr(x86_weights, "overflows", lambda: True)
    assert load_manifest(DEFAULT_FOLDER).detector.run_bytes_per_pixel == said


def test_bytes_that_are_no_network_take_as_much_on_every_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x86_weights, "overflows", lambda: True)
    assert [x86_weights.run_memory(other) for other in (b"", b"no network")] == [1.0] * 2
