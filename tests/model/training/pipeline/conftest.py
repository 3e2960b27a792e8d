"""A tiny world for the tests: one face from a PyPI package, a corpus from PyPI packages, no network."""

from pathlib import Path

import matplotlib
import pytest

from edgeocr.model.training.data import fonts
from edgeocr.model.training.data.corpus import Corpus
from edgeocr.model.training.data.lines import LineMaker
from edgeocr.model.training.data.text import Writer

LATIN = [*map(chr, range(0x21, 0x7F))]


@pytest.fixture(scope="session")
def faces_dir() -> Path:
    """Matplotlib ships DejaVu, which spells Latin and no Han."""
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


@pytest.fixture(scope="session")
def charset() -> list[str]:
    return [*LATIN, "京", "中", " "]


@pytest.fixture(scope="session")
def writer(charset: list[str]) -> Writer:
    corpus = Corpus(
        simplified=["中", "京中"],
        simplified_counts=[3.0, 1.0],
        traditional=["中京"],
        traditional_counts=[2.0],
        english=["line", "small", "letter", "Total"],
        chinese_sentences=["京中，中京。"],
        traditional_sentences=["中京中京"],
        english_sentences=["a small letter on a line", "all that is printed can be read"],
    )
    return Writer(corpus, charset)


@pytest.fixture(scope="session")
def faces(faces_dir: Path, charset: list[str]) -> list[fonts.Face]:
    return fonts.scan(faces_dir, charset)


@pytest.fixture(scope="session")
def maker(writer: Writer, faces: list[fonts.Face]) -> LineMaker:
    return LineMaker(writer, faces, seed=5)
