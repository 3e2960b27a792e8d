"""Lines drawn from strokes, what is printed below them, and what looks in from the side."""

import json
from pathlib import Path

import numpy as np
import pytest

from edgeocr.model.training.data import augmentation, fonts
from edgeocr.model.training.data.kinds import handwriting, identifiers, intruders, strokes
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
    maker = LineMaker(writer, [*latin, han], seed=1, strokes=known)
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


def test_intruders_widen_the_crop_and_leave_the_line_alone() -> None:
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
