"""The lines that a check reads: those of a folder of labelled sets, or lines rendered for it."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import cv2
import cvttf_NotoSansCJK_Regular
import matplotlib

from edgeocr.model.training.data import corpus, fonts
from edgeocr.model.training.data.lines import LineMaker
from edgeocr.model.training.data.text import Writer

COUNT = 400
"""Default number of lines."""

_SEED = 64


def labelled(folder: Path, limit: int) -> list[Path]:
    """The images of every set (`evaluate.read_sets` says how a set is kept), in turn from each.

    Args:
        folder: of sets.
        limit: most images; 0 takes all.
    """
    sets = []
    for labels in sorted(folder.glob("*/labels.tsv")):
        rows = labels.read_text("utf-8").splitlines()
        sets.append([labels.parent.resolve() / row.split("\t", 1)[0] for row in rows if row])
    turns = itertools.chain.from_iterable(itertools.zip_longest(*sets))
    return list(itertools.islice((image for image in turns if image is not None), limit or None))


def rendered(folder: Path, charset: Sequence[str], count: int) -> list[Path]:
    """Training lines of a seed of their own, with faces and words from PyPI packages alone, rendered the first time.

    Args:
        folder: to keep them in.
        charset: what they may consist of.
        count: how many.
    """
    paths = [folder.resolve() / f"{index:05}.png" for index in range(count)]
    missing = [(index, path) for index, path in enumerate(paths) if not path.exists()]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        places = (Path(cvttf_NotoSansCJK_Regular.get_TTF_path()).parent, Path(matplotlib.get_data_path()) / "fonts")
        faces = [face for place in places for face in fonts.scan(place, charset)]
        writer = Writer(corpus.load(folder / "no-texts", folder / "corpus.json"), charset)
        maker = LineMaker(writer, faces, _SEED)
        for index, path in missing:
            cv2.imwrite(str(path), maker.line(index).image)
    return paths
