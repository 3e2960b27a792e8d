import json
from pathlib import Path

import pytest

from edgeocr.model.training.emulation import strings
from edgeocr.model.training.emulation.errors import GuestFailed
from edgeocr.model.training.emulation.machines import Machine, here
from edgeocr.model.training.emulation.strings import compare
from tests.rendering import encoded, line


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "line.png"
    path.write_bytes(encoded(line("中文 and English 42")))
    return path


def test_every_character_counts():
    texts = {Path("a"): "O0", Path("b"): "同", Path("c"): ""}
    comparison = compare("there", texts, texts | {Path("a"): "00"})
    assert comparison.lines == 3
    assert comparison.identical == pytest.approx(2 / 3)
    assert comparison.differing == ((Path("a"), "O0", "00"),)


def test_a_line_that_was_not_read_there_is_no_match():
    with pytest.raises(KeyError):
        compare("there", {Path("a"): ""}, {})


def test_nothing_read_is_nothing_identical():
    assert compare("there", {}, {}).identical == 0


def test_a_machine_reads_as_the_server_does(weights, image, tmp_path):
    assert strings.read(here(), weights, [image], tmp_path / "strings") == {image: "中文 and English 42"}


def test_what_was_read_is_not_read_again(weights, image, tmp_path):
    strings.read(here(), weights, [image], tmp_path)
    broken = Machine(here().name, ["false"])
    assert strings.read(broken, weights, [image], tmp_path)[image]
    with pytest.raises(GuestFailed, match="ended with 1"):
        strings.read(broken, weights, [image, tmp_path / "another.png"], tmp_path)


def test_a_row_that_was_cut_off_is_read_again(weights, image, tmp_path):
    strings.read(here(), weights, [image], tmp_path)
    (rows,) = tmp_path.glob("*.jsonl")
    rows.write_text(rows.read_text("utf-8") + json.dumps({"image": "cut", "text": "o"})[:-3], "utf-8")
    with pytest.raises(GuestFailed):
        strings.read(Machine(here().name, ["false"]), weights, [Path("cut")], tmp_path)


def test_other_weights_are_another_reading(weights, image, tmp_path):
    strings.read(here(), weights, [image], tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    for path in weights.iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    (other / "CARD.md").write_text("changed", "utf-8")
    with pytest.raises(GuestFailed):
        strings.read(Machine(here().name, ["false"]), other, [image], tmp_path)
