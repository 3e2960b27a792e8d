"""Classes of characters."""

import re
import unicodedata

BULLETS = "•●○▪■□◆◇►▶‣⁃∙◦★☆✓✔➢➤※"
"""Signs that begin list items."""
DASHES = "-–—*·"
"""Signs that begin list items if a space follows."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")


def is_wide(character: str) -> bool:
    """Whether a character takes two cells in a monospaced font, as Han and full-width Latin do."""
    return unicodedata.east_asian_width(character) in "WF"


def is_han(text: str) -> bool:
    """Whether a text is one CJK ideograph: unified, compatibility or of an extension."""
    return _HAN.fullmatch(text) is not None
