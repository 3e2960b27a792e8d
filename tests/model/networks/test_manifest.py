import hashlib
import json
import shutil

import numpy as np
import pytest

from edgeocr.model.errors import BadModel
from edgeocr.model.networks.manifest import FILE_NAME, checksum, load_manifest
from edgeocr.model.networks.session import Network
from edgeocr.model.pipeline import Models


@pytest.fixture
def copied(weights, tmp_path):
    return shutil.copytree(weights, tmp_path / "weights")


def rewrite(folder, change):
    values = json.loads((folder / FILE_NAME).read_text())
    change(values)
    (folder / FILE_NAME).write_text(json.dumps({**values, "sha256": checksum(values)}))


def test_the_built_weights_have_a_charset_with_chinese_latin_and_a_space(weights):
    charset = load_manifest(weights).recogniser.charset
    assert len(charset) > 10_000
    assert {"中", "A", "z", "7", " "} <= set(charset)
    assert all(len(character) >= 1 for character in charset)


@pytest.mark.parametrize(
    "name",
    [
        "recogniser.onnx",
        "recogniser-head.onnx",
        "detector.onnx",
        "charset.txt",
        "known-line.png",
        "known-line.features",
    ],
)
def test_a_missing_file_is_named(copied, name):
    (copied / name).unlink()
    with pytest.raises(BadModel, match=f"{name}: no such file"):
        load_manifest(copied)


@pytest.mark.parametrize(
    "name",
    [
        "recogniser.onnx",
        "recogniser-head.onnx",
        "detector.onnx",
        "charset.txt",
        "known-line.png",
        "known-line.features",
    ],
)
def test_an_altered_file_is_named(copied, name):
    data = bytearray((copied / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copied / name).write_bytes(data)
    with pytest.raises(BadModel, match=f"{name}: was altered"):
        load_manifest(copied)


@pytest.mark.parametrize("change", [{"run_bytes_per_pixel": 121}, {"height": 40}, {"name": "another"}])
def test_an_altered_number_of_the_manifest_is_noticed(copied, change):
    values = json.loads((copied / FILE_NAME).read_text())
    values["recogniser"].update(change)
    (copied / FILE_NAME).write_text(json.dumps(values))
    with pytest.raises(BadModel, match=r"manifest\.json: was altered"):
        load_manifest(copied)


def test_a_file_that_is_exchanged_after_it_was_checked_is_not_loaded(copied):
    manifest = load_manifest(copied)
    manifest.detector.file.path.write_bytes(b"another network")
    with pytest.raises(BadModel, match=r"detector\.onnx: was altered"):
        Network(manifest.detector.file, np.uint8)


def test_a_missing_manifest_says_how_to_name_another_folder(tmp_path):
    with pytest.raises(BadModel, match="--models names the folder"):
        load_manifest(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda values: values.update(format=99), "has format 99"),
        (lambda values: values["recogniser"].pop("height"), "lacks 'height'"),
        (lambda values: values["detector"].update(longest_side="long"), "wrong type"),
        (lambda values: values["recogniser"].update(provinces={"皖": "ahead"}), "wrong type"),
        (
            lambda values: values["recogniser"].update(run_bytes_per_pixel=1e9),
            "is 1000000000.0, not from 3 to 10000",
        ),
        (
            lambda values: values["recogniser"].update(run_bytes_per_pixel=1e-9),
            "run_bytes_per_pixel is 1e-09, not from 3",
        ),
        (lambda values: values["detector"].update(side_multiple=0), "side_multiple is 0, not from 1 to 256"),
    ],
)
def test_a_manifest_that_cannot_be_understood_says_why(copied, change, words):
    rewrite(copied, change)
    with pytest.raises(BadModel, match=words):
        load_manifest(copied)


@pytest.mark.parametrize("change", [{"time_step_pixels": 4}, {"time_step_pixels": 3}, {"features": 119}])
def test_a_manifest_that_does_not_fit_its_network_is_refused(copied, change):
    rewrite(copied, lambda values: values["recogniser"].update(change))
    with pytest.raises(BadModel, match=r"recogniser\.onnx: does not fit its manifest"):
        Models.load(copied)


def test_a_network_of_the_wrong_kind_is_refused(copied):
    def swap(values):
        values["recogniser"].update(file="charset.txt", sha256=values["recogniser"]["charset"]["sha256"])

    rewrite(copied, swap)
    with pytest.raises(BadModel, match=r"charset\.txt: ONNX Runtime cannot load it"):
        Models.load(copied)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda known, folder: known["features"].update(sha256=_blurred(folder)), r"are \d+\.\d+ steps apart"),
        (lambda known, folder: known.update(text="Edge OCR 2048-8"), "is read as 'Edge OCR 2048-B'"),
        (lambda known, folder: known.update(features=known["image"]), "does not fit its manifest"),
    ],
)
def test_weights_that_this_machine_reads_otherwise_are_refused(copied, change, words):
    rewrite(copied, lambda values: change(values["recogniser"]["known_line"], copied))
    with pytest.raises(BadModel, match=rf"recogniser\.onnx: .*{words}"):
        Models.load(copied)


def _blurred(folder):
    """Writes features as a machine gives them whose sums overflow now and then; returns the checksum."""
    path = folder / "known-line.features"
    features = np.frombuffer(path.read_bytes(), np.uint8).astype(int)
    changed = np.clip(features + np.random.default_rng(0).integers(-4, 5, len(features)), 0, 255)
    path.write_bytes(changed.astype(np.uint8).tobytes())
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_weights_without_a_known_line_are_read_all_the_same(copied):
    rewrite(copied, lambda values: values["recogniser"].pop("known_line"))
    assert Models.load(copied).manifest.recogniser.known_line is None
