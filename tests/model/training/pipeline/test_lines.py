import numpy as np
import pytest

from edgeocr.model.recognition.rules.plates import PROVINCES
from edgeocr.model.training.data import augmentation
from edgeocr.model.training.data.fonts import Face, role_of
from edgeocr.model.training.data.lines import LineMaker, set_text
from edgeocr.model.training.data.text import Writer


def test_same_seed_and_index_give_the_same_line(maker: LineMaker, writer: Writer, faces: list[Face]) -> None:
    again = LineMaker(writer, faces, seed=5)
    for index in (7, 3):
        first, second = maker.line(index), again.line(index)
        assert first.text == second.text
        assert np.array_equal(first.image, second.image)


def test_other_index_gives_another_line(maker: LineMaker) -> None:
    assert len({maker.line(index).text for index in range(20)}) > 10


def test_lines_have_the_networks_height(maker: LineMaker) -> None:
    for index in range(30):
        image = maker.line(index).image
        assert image.dtype == np.uint8
        assert image.shape[0] == 48
        assert 8 <= image.shape[1] <= 1280


def test_no_line_has_characters_that_its_face_lacks(maker: LineMaker) -> None:
    for index in range(60):
        line = maker.line(index)
        if line.kind != "plate":
            assert line.text.isascii(), line


def test_face_knows_its_characters(faces: list[Face]) -> None:
    assert faces
    assert all(face.spells("A line 1") for face in faces)
    assert not any(face.spells("中") for face in faces)


@pytest.mark.parametrize(
    ("name", "role"),
    [("notosanscjk-bold.ttc", "han"), ("barlow-condensed-latin-700-normal.woff2", "plate"), ("couriernew.ttf", "mono"),
     ("ma-shan-zheng-chinese-simplified-400-normal.woff2", "hand"), ("lato-latin-400-normal.woff2", "text")],
)  # fmt: skip
def test_role_is_recognised_by_name(name: str, role: str) -> None:
    assert role_of(name) == role


def test_setting_leaves_ink(faces: list[Face]) -> None:
    ink = set_text(np.random.default_rng(0), "ink", faces[0], 36)
    assert ink.dtype == np.float32
    assert 0.9 < ink.max() <= 1


def test_plates_follow_the_standard(writer: Writer) -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        plate = writer.plate(rng).replace("·", "")
        assert plate[0] in PROVINCES
        assert plate[1].isalpha()
        assert len(plate) in (7, 8)
        assert not set("IO") & set(plate[1:])


def test_ink_stays_readable_on_its_paper() -> None:
    rng = np.random.default_rng(2)
    for _ in range(100):
        paper, ink = augmentation.colours(rng, "scene")
        assert abs(float((paper - ink) @ np.array([0.114, 0.587, 0.299]))) > 20


def test_degrading_keeps_kind_of_image() -> None:
    image = np.full((48, 100, 3), 200, np.uint8)
    for seed in range(50):
        worse = augmentation.degrade(np.random.default_rng(seed), image, 1.0)
        assert worse.dtype == np.uint8
        assert worse.ndim == 3
