"""The faces of training lines: which characters each has, its role, and which are held out of training.

A catalogue is made once from a folder of fetched packages and cached as JSON; no face is part of the package.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import ascii_letters, digits

from fontTools.ttLib import TTCollection, TTFont
from PIL import ImageFont

# Families held out of training, for evaluation. Substrings of a file's name, lower case.
HELD_OUT = (
    "cwfs", "wqy-microhei", "notoserifcjk-bold", "lxgwwenkai-light", "lxgwwenkaimono-light",
    "zhi-mang-xing", "zcool-kuaile", "yusei-magic",
    "merriweather", "ubuntu", "vollkorn", "special-elite", "caveat", "bangers", "lobster", "space-mono", "saira",
)  # fmt: skip

_ROLES: tuple[tuple[str, str], ...] = (
    # (role, pattern of the file name); the first match counts
    ("hand", r"liu-jian|long-cang|ma-shan|zhi-mang|zcool-kuaile|yusei-magic"),
    ("han", r"cjk|wqy|arphic|gbsn|bsmi|gkai|bkai|ukai|uming|droidsansfallback|^cw|^tw-|hanamin|babelstonehan|lxgw"
            r"|zcool|ipaexm|noto-serif-[st]c|shippori|zen-|kaisei|dela-gothic"),
    ("plate", r"barlow-condensed|^oswald|bebas|fjalla|league-gothic|archivo-narrow|roboto-condensed|saira|teko|din"
              r"|share-tech|pt-sans-narrow|fira-sans-condensed|norwester|liberationsansnarrow"),
    ("mono", r"mono|courier|cousine|inconsolata|vt323|press-start|silkscreen|dotgothic|doto|ocr-?[ab]|hack"
             r"|source-code"),
    ("display", r"abril|acme|alfa|amatic|anton|audiowide|bangers|black-ops|bowlby|bree|cinzel|comfortaa|creepster"
                r"|dancing|fredericka|gloria|graduate|great-vibes|im-fell|indie|kalam|kaushan|knewave|lobster|luckiest"
                r"|monoton|mouse|orbitron|pacifico|passion|patua|permanent|philosopher|play|quantico|righteous|rock|russo|satisfy"
                r"|shadows|shrikhand|sigmar|special|staatliches|titan|unifraktur|yanone|yellowtail|courgette|caveat|league|rye"
                r"|comic"),
)  # fmt: skip
_UNWANTED = re.compile(
    r"emoji|symbol|dingbat|math|braille|ext-b|hanaminb|latin-ext|vietnamese|cyrillic|greek|japanese|hebrew|devanagari"
    r"|arabic|-math|music|-\d+-\d00-|z003|d050000|standardsymbols|100-|200-(?!normal\.x)|monoton|libre-barcode|lastresort|tw-.*plus"
)
_NOTO_LATIN = re.compile(r"^noto(sans|serif|sansmono|sansdisplay|serifdisplay)-")


@dataclass(frozen=True)
class Face:
    """One face: a file, its index within it, its role (han, hand, plate, mono, display, text), its characters."""

    path: str
    index: int
    role: str
    held_out: bool
    characters: frozenset[str]

    def spells(self, text: str) -> bool:
        """Whether every character but the space has a glyph."""
        return self.characters.issuperset(text.replace(" ", ""))


def role_of(name: str) -> str:
    """Guess the role of a face from its file name."""
    return next((role for role, pattern in _ROLES if re.search(pattern, name)), "text")


def _characters(path: Path, index: int, wanted: frozenset[str]) -> frozenset[str]:
    font = TTCollection(path).fonts[index] if path.suffix == ".ttc" else TTFont(path)
    return frozenset(map(chr, font.getBestCmap() or {})) & wanted


def scan(folder: Path, wanted: Iterable[str]) -> list[Face]:
    """Find the faces in a folder that have at least English letters and digits, or a hundred Han characters."""
    wanted, faces = frozenset(wanted), []
    paths = (p for p in sorted(folder.rglob("*")) if p.suffix in {".ttf", ".otf", ".ttc", ".woff2", ".pfb"})
    for path in paths:
        name = path.name.lower()
        role = role_of(name)
        if path.suffix == ".pfb" or _UNWANTED.search(name) or (name.startswith("noto") and role == "text"
                                                               and not _NOTO_LATIN.search(name)):  # fmt: skip
            continue
        for index in range(len(TTCollection(path).fonts) if path.suffix == ".ttc" else 1):
            characters = _characters(path, index, wanted)
            if characters.issuperset(ascii_letters + digits) or len(characters) > 100:
                held = any(part in name for part in HELD_OUT)
                faces.append(Face(str(path), index, role, held, characters))
    return faces


def load(folder: Path, wanted: Sequence[str], cache: Path) -> list[Face]:
    """Read the catalogue from its cache, scanning the folder the first time."""
    if not cache.exists():
        rows = [(f.path, f.index, f.role, f.held_out, "".join(sorted(f.characters))) for f in scan(folder, wanted)]
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    rows = json.loads(cache.read_text("utf-8"))
    return [Face(path, index, role, held, frozenset(spelt)) for path, index, role, held, spelt in rows]


@lru_cache(maxsize=256)
def open_face(path: str, index: int, size_pixels: int) -> ImageFont.FreeTypeFont:
    """Open a face at a size; the last 256 stay open."""
    return ImageFont.truetype(path, size_pixels, index=index, layout_engine=ImageFont.Layout.BASIC)
