"""Text that is safe on a terminal: free of control characters and of characters that disguise text."""

import unicodedata
from collections.abc import Iterable
from typing import TextIO

_KEPT = "\n\t"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of controls, format and direction marks, surrogates, and line and paragraph separators."""


def is_printable(character: str) -> bool:
    """Whether a character is displayed as such."""
    return character.isprintable() or unicodedata.category(character) not in _UNSEEN


def printable(text: str) -> str:
    """The printable characters in one line; line ends become spaces."""
    return _only_printable(" ".join(text.splitlines()) if not text.isprintable() else text, "")


def printable_lines(text: str) -> str:
    """The printable characters, with line ends and tabs."""
    return _only_printable(text, _KEPT)


def _only_printable(text: str, kept: str) -> str:
    if text.isprintable():
        return text
    return "".join(character for character in text if character in kept or is_printable(character))


class PrintableStream:
    """Wraps a terminal, which receives printable characters only."""

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal

    def write(self, text: str) -> int:
        """Writes its printable characters."""
        self._terminal.write(printable_lines(text))
        return len(text)

    def writelines(self, texts: Iterable[str]) -> None:
        """Writes the printable characters of lines."""
        for text in texts:
            self.write(text)

    def flush(self) -> None:
        """Flushes the terminal."""
        self._terminal.flush()
