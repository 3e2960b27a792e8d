"""The texts of training lines: words with counts and running text, simplified, traditional and English.

Sources: the dictionary of jieba (MIT), the essay word list of Rime (LGPL), fortunes and Chinese manual pages of Debian,
word frequencies of wordfreq (Apache-2.0). Only lines drawn from them reach training; none of it is kept in the weights.
"""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

from opencc import OpenCC
from wordfreq import top_n_list

_HAN = re.compile(r"[㐀-鿿]")
_ROFF = re.compile(r"\\f.|\\[-&|^]|^\.\S+ ?|\x1b\[[0-9;]*m", re.MULTILINE)


@dataclass(frozen=True)
class Corpus:
    """Texts to draw from; each word is listed once, with its count."""

    simplified: list[str]
    simplified_counts: list[float]
    traditional: list[str]
    traditional_counts: list[float]
    english: list[str]
    chinese_sentences: list[str]
    traditional_sentences: list[str]
    english_sentences: list[str]


def _dictionary() -> Iterator[tuple[str, float]]:
    for line in files("jieba").joinpath("dict.txt").read_text("utf-8").splitlines():
        word, count, _ = line.split(" ")
        yield word, float(count)


def _essay(text_dir: Path) -> Iterator[tuple[str, float]]:
    path = text_dir / "usr/share/rime-data/essay.txt"
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            word, _, count = line.partition("\t")
            yield word, float(count or 0)


def counted_words(text_dir: Path) -> dict[str, float]:
    """Read both word lists, simplified and traditional, with their counts."""
    words: Counter[str] = Counter()
    for word, count in (*_dictionary(), *_essay(text_dir)):
        words[word] += count  # type: ignore[assignment]  # Counter's values are typed int
    return dict(words)


def _texts(text_dir: Path) -> Iterator[str]:
    for path in sorted(text_dir.glob("usr/share/games/fortunes/*")):
        if path.is_file() and "." not in path.name:
            yield re.sub(r"\x1b\[[0-9;]*m", "", path.read_text("utf-8", "ignore"))
    for path in sorted(text_dir.glob("usr/share/man/zh_*/man*/*.gz")):
        yield _ROFF.sub("", gzip.decompress(path.read_bytes()).decode("utf-8", "ignore"))


def _sentences(texts: Iterable[str]) -> tuple[list[str], list[str]]:
    chinese, english = set(), set()
    for text in texts:
        for line in text.splitlines():
            line = " ".join(line.split())
            han = len(_HAN.findall(line))
            if han >= 4 and 2 * han > len(line):
                chinese.add(line[:200])
            elif han == 0 and 20 <= len(line) <= 200 and sum(map(str.isalpha, line)) > 0.6 * len(line):
                english.add(line)
    return sorted(chinese), sorted(english)


def build(text_dir: Path) -> Corpus:
    """Gather the corpus from installed packages and from text packages unpacked in a folder (it may be empty)."""
    to_traditional = OpenCC("s2t")
    simplified = {w: c for w, c in _dictionary() if _HAN.search(w)}
    traditional = {w: c for w, c in _essay(text_dir) if c > 0}
    if not traditional:
        traditional = {to_traditional.convert(w): c for w, c in list(simplified.items())[:20000]}
    chinese, english_lines = _sentences(_texts(text_dir))
    english = top_n_list("en", 30000)
    return Corpus(
        simplified=list(simplified),
        simplified_counts=list(simplified.values()),
        traditional=list(traditional),
        traditional_counts=list(traditional.values()),
        english=[w for w in english if w.isascii()],
        chinese_sentences=chinese or list(simplified)[:1000],
        traditional_sentences=[to_traditional.convert(s) for s in chinese] or list(traditional)[:1000],
        english_sentences=english_lines or [" ".join(english[i : i + 8]) for i in range(0, 4000, 8)],
    )


def load(text_dir: Path, cache: Path) -> Corpus:
    """Read the gathered corpus from a cache file, building it the first time."""
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text(json.dumps(asdict(build(text_dir)), ensure_ascii=False), "utf-8")
    return Corpus(**json.loads(cache.read_text("utf-8")))
