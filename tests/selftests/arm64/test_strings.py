import json
import shutil
from pathlib import Path

import pytest

from tests.checks.arm64 import strings
from tests.checks.arm64.emulator.machines import Machine, here
from tests.checks.arm64.errors import GuestFailed
from tests.checks.arm64.strings import compare
from tests.support.rendering import encoded, line

BROKEN = Machine(here().name, ["false"])
"""It can answer from what was kept only."""


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    path = tmp_path_factory.mktemp("images") / "line.png"
    path.write_bytes(encoded(line("中文 and English 42")))
    return path


@pytest.fixture(scope="module")
def read_once(weights, image, tmp_path_factory):
    """What one real reading gave, and the folder that keeps it."""
    folder = tmp_path_factory.mktemp("strings")
    return strings.read(here(), weights, [image], folder), folder


@pytest.fixture
def kept(read_once, tmp_path):
    return shutil.copytree(read_once[1], tmp_path / "kept")


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


def test_a_machine_reads_as_the_server_does(read_once, image):
    assert read_once[0] == {image: "中文 and English 42"}


def test_what_was_read_is_not_read_again(weights, image, kept):
    assert strings.read(BROKEN, weights, [image], kept) == {image: "中文 and English 42"}
    with pytest.raises(GuestFailed, match="ended with 1"):
        strings.read(BROKEN, weights, [image, Path("another.png")], kept)


def test_a_row_that_was_cut_off_is_read_again(weights, kept, tmp_path):
    (rows,) = kept.glob("*.jsonl")
    row = json.dumps({"image": "cut", "text": "off"})
    rows.write_text(rows.read_text("utf-8") + row[:-3], "utf-8")
    reader = tmp_path / "reader"
    reader.write_text(f"#!/bin/sh\necho '{row}' >> $8\n", "utf-8")
    reader.chmod(0o755)
    machine = Machine(here().name, [str(reader)])
    assert strings.read(machine, weights, [Path("cut")], kept) == {Path("cut"): "off"}


def test_other_weights_are_another_reading(weights, image, kept, tmp_path):
    other = shutil.copytree(weights, tmp_path / "other")
    (other / "CARD.md").write_text("changed", "utf-8")
    with pytest.raises(GuestFailed):
        strings.read(BROKEN, other, [image], kept)
