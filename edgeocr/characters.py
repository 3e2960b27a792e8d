"""What characters are, whatever reads, judges or shows them."""

import re
import unicodedata

BULLETS = "•●○▪■□◆◇►▶‣⁃∙◦★☆✓✔➢➤※"
"""Signs that begin items of lists."""
DASHES = "-–—*·"
"""Signs that do so where a space follows."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")


def is_wide(character: str) -> bool:
    """Whether a character takes two places in a font of fixed width, as Han and full-width Latin do."""
    return unicodedata.east_asian_width(character) in "WF"


def is_han(text: str) -> bool:
    """Whether a text is one CJK ideograph: unified, compatibility or of an extension."""
    return _HAN.fullmatch(text) is not None
