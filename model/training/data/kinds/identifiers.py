"""Texts outside dictionaries: identifiers whose letters resemble digits, and the symbols of documents."""

from collections.abc import Sequence
from string import ascii_uppercase, digits

import numpy as np

Rng = np.random.Generator

_ALIKE = "O0I1S5B8Z2G6"
_JOINTS = "-:/.-:/. _+#"
SYMBOLS = "℃±≤≥×÷☐☑√①②③④⑤⑥⑦⑧⑨⑩⑫²³°‰_〔〕￥€№§→•%&@#*+=~^|"
"""Symbols of documents; a charset may lack some."""

_BULLETS = (*"①②③④⑤⑥⑦⑧⑨⑩•☐☑√§№", "(1)", "(2)", "1.", "2、", "3)")
_MEASURES = ("℃", "°", "‰", "%", "m²", "m³", "cm²", "±0.5", "×2", "÷3", "≤8", "≥10", "kg/m³", "°C")
_MONEY = ("￥", "¥", "€", "$", "£")


def _drawn(rng: Rng, characters: str, count: int) -> str:
    return "".join(characters[int(place)] for place in rng.integers(len(characters), size=count))


def identifier(rng: Rng) -> str:
    """A marker, serial or part number: groups of letters and digits between joints."""
    groups = []
    for _ in range(int(rng.integers(1, 4))):
        form, count = rng.random(), int(rng.integers(1, 6))
        if form < 0.4:
            groups.append(_drawn(rng, digits, count))
        elif form < 0.7:
            groups.append(_drawn(rng, ascii_uppercase, min(count, 3)) + _drawn(rng, digits, int(rng.integers(1, 4))))
        elif form < 0.85:
            groups.append(_drawn(rng, ascii_uppercase + digits, count))
        else:
            groups.append(_drawn(rng, _ALIKE, count))
    joint = _drawn(rng, _JOINTS, 1)
    text = joint.join(groups)
    edge = rng.random()
    return f"-{text}" if edge < 0.05 else f"+{text}" if edge < 0.07 else text


def with_symbols(rng: Rng, text: str) -> str:
    """Insert symbols into a text as documents have them: bullets, ticks, units, currencies, arrows."""
    form = rng.random()
    number = f"{int(rng.integers(1000))}" if rng.random() < 0.6 else f"{rng.random() * 100:.1f}"
    if form < 0.35:
        return _choice(rng, _BULLETS) + ("" if rng.random() < 0.6 else " ") + text
    if form < 0.6:
        return text + number + _choice(rng, _MEASURES)
    if form < 0.75:
        return text + _choice(rng, _MONEY) + number
    cut = int(rng.integers(len(text) + 1))
    if form < 0.87:
        return text[:cut] + _choice(rng, ("→", "±", "×", "＝", "~", "/", "_", "≤", "≥", "•")) + text[cut:]
    return text[:cut] + _choice(rng, ("〔{}〕", "（{}）", "[{}]", "【{}】", "<{}>")).format(number) + text[cut:]


def _choice(rng: Rng, items: Sequence[str]) -> str:
    return items[int(rng.integers(len(items)))]
