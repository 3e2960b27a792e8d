"""Lines drawn from strokes, what is printed below them, and what looks in from the side."""

import json
from pathlib import Path

import numpy as np
import pytest

from edgeocr.model.training.data import augmentation, fonts
from edgeocr.model.training.data.kinds import dots, handwriting, identifiers, intruders, kanjivg, strokes
from edgeocr.model.training.data.lines import LineMaker
from edgeocr.model.training.data.text import Writer

CROSS = [[[100, 400], [900, 400]], [[500, 800], [500, 0]]]


@pytest.fixture
def known(tmp_path: Path) -> strokes.Strokes:
    """Two characters of the simplest shape, read as the package has them."""
    folder = tmp_path / "strokes"
    folder.mkdir()
    for character in "中京":
        (folder / f"{character}.json").write_text(json.dumps({"strokes": [], "medians": CROSS}), "utf-8")
    return strokes.load(folder, tmp_path / "strokes.npz")


def test_strokes_are_the_same_from_the_folder_and_from_the_cache(tmp_path: Path, known: strokes.Strokes) -> None:
    again = strokes.load(tmp_path / "gone", tmp_path / "strokes.npz")
    assert again.characters == known.characters == {"中", "京"}
    drawn = [found.write(np.random.default_rng(1), strokes.draw_hand(np.random.default_rng(0)), "中", 48)
             for found in (known, again)]  # fmt: skip
    np.testing.assert_array_equal(*drawn)


def test_every_writing_of_a_character_differs(known: strokes.Strokes) -> None:
    rng = np.random.default_rng(0)
    hand = strokes.draw_hand(rng)
    first, second = (known.write(rng, hand, "中", 48) for _ in range(2))
    assert first.shape == (72, 72)
    assert first.max() > 0.9
    assert np.abs(first - second).max() > 0.5


def test_line_of_strokes_is_a_line_with_its_text(
    writer: Writer, faces: list[fonts.Face], known: strokes.Strokes
) -> None:
    latin = [face for face in faces if face.role != "han"]
    # No face of the tests spells Han: one that only stands for such a face is enough, as strokes write it.
    han = fonts.Face(latin[0].path, 0, "han", False, frozenset({chr(0x4E00 + n) for n in range(3000)}))
    maker = LineMaker(writer, [*latin, han], seed=1, strokes=[known])
    kind = next((kind for kind in maker.kinds if kind.name == "hand"), None)
    assert (kind is not None) == any("comic" in face.path.lower() for face in latin)


def test_without_strokes_nothing_is_written_by_hand(maker: LineMaker) -> None:
    assert "hand" not in {kind.name for kind in maker.kinds}


def test_rules_and_fading_leave_the_ink_where_it_is(known: strokes.Strokes, faces: list[fonts.Face]) -> None:
    rng = np.random.default_rng(2)
    for _ in range(12):
        ink = handwriting.write_line(rng, "中京 a中", known, faces)
        paper, pen = handwriting.colours(rng)
        image = augmentation.compose(rng, ink, paper, pen, "note")
        ruled = handwriting.rule(rng, image, ink)
        solid = ink > 0.99
        assert ruled.shape == image.shape
        np.testing.assert_allclose(ruled[solid], image[solid], atol=2)


def test_foreign_ink_widens_the_crop_and_leaves_the_line_unchanged() -> None:
    line = np.random.default_rng(0).random((40, 90), np.float32)
    piece = np.ones((36, 30), np.float32)
    widths = set()
    for seed in range(40):
        found = intruders.intrude(np.random.default_rng(seed), line, piece)
        assert len(found) == 40
        starts = [x for x in range(found.shape[1] - 89) if np.array_equal(found[:, x : x + 90], line)]
        assert starts
        widths.add(found.shape[1])
        # Less than half of a glyph is seen at either end.
        assert (found[:, : starts[0]].min(0) > 0).sum() <= 15 or found[:, : starts[0]].max() <= 1
    assert len(widths) > 10


@pytest.mark.parametrize("seed", range(5))
def test_identifiers_hold_letters_and_digits_between_joints(seed: int) -> None:
    rng = np.random.default_rng(seed)
    texts = [identifiers.identifier(rng) for _ in range(200)]
    assert all(text and not text.isspace() for text in texts)
    assert any(set(text) & set("O0I1S5") for text in texts)
    assert any("-" in text or ":" in text for text in texts)


def test_symbols_are_put_into_a_text_that_stays() -> None:
    rng = np.random.default_rng(0)
    texts = [identifiers.with_symbols(rng, "ab") for _ in range(200)]
    assert all("a" in text and "b" in text for text in texts)
    assert any(set(text) & set(identifiers.SYMBOLS) for text in texts)


def test_bad_light_keeps_height_and_proportions() -> None:
    image = np.full((60, 200, 3), 200, np.uint8)
    seen = augmentation.bad_light(np.random.default_rng(0), image)
    assert seen.shape == (48, 160, 3)


def test_turned_line_keeps_all_of_its_ink() -> None:
    ink = np.ones((20, 100), np.float32)
    turned = augmentation.turn(np.random.default_rng(3), ink, 30.0)
    assert turned.sum() == pytest.approx(ink.sum(), rel=0.03)


def test_strokes_of_vector_graphics_are_drawn_where_they_are(tmp_path: Path) -> None:
    drawn = (
        '<svg><path kvg:type="a" d="M10,20c0,0,40,0,80,0"/>\n<path id="b" d="M54,10C54,50,54,70,54,99s5,1,9,0"/></svg>'
    )
    (tmp_path / "04e2d.svg").write_text(drawn, "utf-8")
    (tmp_path / "04e2d-Kaisho.svg").write_text("<svg/>", "utf-8")
    found = kanjivg.read_folder(tmp_path)
    assert found.characters == {"中"}
    across, down = found._strokes["中"]
    np.testing.assert_allclose(across[[0, -1]] * 109, [[10, 20], [90, 20]], atol=1e-3)
    np.testing.assert_allclose(across[:, 1] * 109, 20, atol=1e-3)
    np.testing.assert_allclose(down[-1] * 109, [63, 99], atol=1e-3)
    assert len(across) == 9
    assert len(down) == 17


def test_a_second_style_is_filled_with_the_first(known: strokes.Strokes) -> None:
    line = np.array([[0.1, 0.5], [0.9, 0.5]], np.float32)
    other = strokes.Strokes("中1", [[line], [line]])
    filled = other.filled(known)
    assert filled.characters == {"中", "京", "1"}
    assert len(filled._strokes["中"]) == 1
    assert len(filled._strokes["京"]) == 2


@pytest.mark.parametrize("is_wide", [True, False])
def test_dots_stand_in_rows_with_dark_between_them(is_wide: bool) -> None:
    ink = np.zeros((60, 200), np.float32)
    ink[20:40, 20:180] = 1
    for seed in range(6):
        found = dots.dotted(np.random.default_rng(seed), ink, is_wide=is_wide)
        assert found.max() > 0.9
        lit = found[found.shape[0] // 2 - 3 : found.shape[0] // 2 + 3, found.shape[1] // 3 : found.shape[1] // 2]
        assert lit.min() < 0.5 * lit.max()


def test_an_arc_keeps_the_ink_and_leaves_the_straight_line() -> None:
    ink = np.zeros((40, 200), np.float32)
    ink[18:22, 10:190] = 1
    for seed in range(8):
        bent = augmentation.arc(np.random.default_rng(seed), ink)
        assert bent.sum() == pytest.approx(ink.sum(), rel=0.2)
        rows = np.flatnonzero(bent.max(1) > 0.5)
        assert rows[-1] - rows[0] > 8
        columns = np.flatnonzero(bent.max(0) > 0.5)
        assert columns[0] > 0
        assert columns[-1] < bent.shape[1] - 1
