from pathlib import Path

from edgeocr.model.training.data import charset


def test_standards_are_whole() -> None:
    assert len(charset.gb2312()) == 6763
    assert len(charset.big5()) == 13053


def test_choice_keeps_the_teachers_order_and_drops_games() -> None:
    teacher = ["!", "啊", "𠮷", "㐂", "🛄", "A", "ß", "㎡", "の", " "]
    assert charset.choose(teacher, {"𠮷野": 5, "㐂㐂": 1}) == ["!", "啊", "𠮷", "A", "ß", "㎡", "の", " "]


def test_coverage_weighs_characters_by_count() -> None:
    result = charset.coverage("中", {"中": 9, "㐂": 1, "A": 100})
    assert result.share == 0.9
    assert result.missing == 1


def test_file_keeps_space_and_order(tmp_path: Path) -> None:
    path = tmp_path / "charset.txt"
    charset.write(path, ["一", "\u3000", " "])
    assert path.read_bytes() == "一\n\u3000\n \n".encode()
    assert charset.read(path) == ["一", "\u3000", " "]
