from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest

from edgeocr.model.networks.manifest import DEFAULT_FOLDER, load_manifest
from edgeocr.model.networks.x86_weights import overflows, with_signed_weights, with_unsigned_weights


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
