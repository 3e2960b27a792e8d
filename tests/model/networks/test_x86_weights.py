import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest

from edgeocr.model.networks import x86_weights
from edgeocr.model.networks.manifest import DEFAULT_FOLDER, FILE_NAME, load_manifest
from edgeocr.model.networks.x86_weights import (
    UNSIGNED_MEMORY,
    overflows,
    with_signed_weights,
    with_unsigned_weights,
)


@pytest.fixture(scope="module")
def stored() -> bytes:
    return load_manifest(DEFAULT_FOLDER).recogniser.file.path.read_bytes()


@pytest.fixture(scope="module")
def model(stored: bytes) -> bytes:
    return with_signed_weights(stored)


@pytest.mark.parametrize("part", ["recogniser", "head", "detector"])
def test_files_have_no_signed_weights_whose_products_could_overflow(part: str) -> None:
    manifest = load_manifest(DEFAULT_FOLDER)
    files = {
        "recogniser": manifest.recogniser.file,
        "head": manifest.recogniser.head,
        "detector": manifest.detector.file,
    }
    content = files[part].read()
    assert with_unsigned_weights(content) == content
    assert with_signed_weights(content) != content


def test_signed_weights_are_what_is_stored_and_back(stored: bytes, model: bytes) -> None:
    assert len(model) == len(stored)
    assert with_unsigned_weights(model) == stored


def _features(model: bytes, pixels: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).run(None, {"pixels": pixels})[0]


@pytest.mark.skipif(overflows(), reason="products of signed weights overflow on this CPU")
def test_network_with_unsigned_weights_gives_the_same_features(model: bytes) -> None:
    unsigned = with_unsigned_weights(model)
    pixels = np.random.default_rng(0).integers(0, 256, (1, 48, 320, 3), np.uint8)
    difference = _features(unsigned, pixels).astype(int) - _features(model, pixels)
    assert np.abs(difference).max() <= 1


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
from edgeocr.model.networks.x86_weights import with_signed_weights, with_unsigned_weights
from edgeocr.server.host.heap import tune


def kibibytes(name):
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith(name))


tune()
model = {"signed": with_signed_weights, "unsigned": with_unsigned_weights}[sys.argv[2]](Path(sys.argv[1]).read_bytes())
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


def test_the_manifest_says_what_a_run_takes_on_this_cpu() -> None:
    said = json.loads((DEFAULT_FOLDER / FILE_NAME).read_text())["detector"]["run_bytes_per_pixel"]
    factor = UNSIGNED_MEMORY if overflows() else 1.0
    assert load_manifest(DEFAULT_FOLDER).detector.run_bytes_per_pixel == said * factor


def test_networks_without_integer_weights_take_as_much_on_every_cpu(model: bytes, monkeypatch) -> None:
    monkeypatch.setattr(x86_weights, "overflows", lambda: True)
    assert [x86_weights.run_memory(form) for form in (model, with_unsigned_weights(model))] == [UNSIGNED_MEMORY] * 2
    assert [x86_weights.run_memory(other) for other in (b"", b"no network")] == [1.0] * 2
