"""One fault: a piece of code and what takes its place."""

from dataclasses import dataclass
from pathlib import Path


class LostAnchor(Exception):
    """The code that a mutant changes is not there any more, or more than once: the mutant has to follow it."""


@dataclass(frozen=True)
class Mutant:
    """A fault in one file.

    Attributes:
        name: what the server does wrong with it.
        path: of the file, from the repository's root.
        anchor: code that is in the file exactly once.
        fault: what replaces it.
        tests: what should notice, as pytest takes it.
        unseen: why no test can notice; empty for all that one can.
    """

    name: str
    path: str
    anchor: str
    fault: str
    tests: tuple[str, ...]
    unseen: str = ""

    def applied(self, root: Path) -> str:
        """The file's text with the fault in it.

        Raises:
            LostAnchor: the anchor is not in the file exactly once.
        """
        text = (root / self.path).read_text("utf-8")
        if (count := text.count(self.anchor)) != 1:
            raise LostAnchor(f"{self.name}: {self.path} has its anchor {count} times: {self.anchor!r}")
        return text.replace(self.anchor, self.fault)
