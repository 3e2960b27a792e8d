import pytest

from tests.checks.arm64.samples import labelled, rendered


@pytest.fixture
def sets(tmp_path):
    for name, images in (("one", ("a.png", "b.png", "c.png")), ("two", ("d.png",))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "labels.tsv").write_text("".join(f"{image}\ttext\n" for image in images), "utf-8")
    return tmp_path


def test_sets_take_turns(sets):
    assert [path.name for path in labelled(sets, 3)] == ["a.png", "d.png", "b.png"]


def test_no_limit_takes_all(sets):
    assert [path.name for path in labelled(sets, 0)] == ["a.png", "d.png", "b.png", "c.png"]


def test_rendered_lines_are_the_same_every_time(tmp_path):
    charset = [*map(chr, range(0x21, 0x7F)), *"中文汉字京沪", " "]
    first, second = (rendered(tmp_path / name, charset, 3) for name in ("one", "two"))
    assert len(first) == 3
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
