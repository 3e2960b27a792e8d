"""Callers' choices, for servers and for reading in process: modes, corrections to omit, pages of a document."""

import re
from dataclasses import dataclass, field
from typing import Literal, get_args

Mode = Literal["page", "line"]
"""A page whose lines are detected first, or a single line that fills the image."""

Reading = Literal["adaptive", "accurate", "fast"]
"""The recognisers that read lines; adaptive: the fast one, and again the accurate one what the fast one is not sure
of."""

Preparation = Literal["orientation", "skew", "enhancement", "tables"]
"""Steps that are done by default for a page; see Preparation in the contract."""

Order = Literal["ordered", "as_completed"]
"""Results in the order of the images, or each as soon as it is available."""

TextLayer = Literal["ignore", "use"]
"""Whether embedded text of PDF pages is ignored, or returned instead of recognition."""

_RANGE = re.compile(r"\s*(\d+)\s*(-\s*(\d*)\s*)?")


@dataclass(frozen=True, slots=True)
class DocumentChoice:
    """How documents are read; it has no effect on single images.

    `pages` are the requested pages, counted from 1: "1-3,7,9-" are the first three, the seventh, and all from the ninth
    on; None means all. `dots_per_inch` is the resolution at which pages of a PDF are drawn, 0 for the reader's default;
    `password` opens an encrypted PDF.

    Raises ValueError if a field is invalid.
    """

    pages: str | None = None
    dots_per_inch: float = 0.0
    password: str = field(default="", repr=False)
    text_layer: TextLayer = "ignore"

    def __post_init__(self) -> None:
        if self.text_layer not in get_args(TextLayer):
            raise ValueError(f"text_layer must be one of {', '.join(get_args(TextLayer))}, got {self.text_layer!r}")
        if not 0 <= self.dots_per_inch < float("inf"):
            raise ValueError(f"dots_per_inch must be 0 or more, got {self.dots_per_inch!r}")
        self.ranges()

    def ranges(self) -> list[tuple[int, int | None]]:
        """First and last page of each range, counted from 0; the last is None if the range has no end."""
        return [] if self.pages is None else [_range(part) for part in self.pages.split(",")]


def check_choices(mode: Mode, omit: list[Preparation], reading: Reading | None = None) -> None:
    """Raises ValueError if the mode, something to omit, or the reading is unknown."""
    if mode not in get_args(Mode):
        raise ValueError(f"mode must be one of {', '.join(get_args(Mode))}, got {mode!r}")
    if reading not in (None, *get_args(Reading)):
        raise ValueError(f"reading must be one of {', '.join(get_args(Reading))}, got {reading!r}")
    for name in omit:
        if name not in get_args(Preparation):
            raise ValueError(f"omit must be among {', '.join(get_args(Preparation))}, got {name!r}")


def _range(part: str) -> tuple[int, int | None]:
    found = _RANGE.fullmatch(part)
    if found is None:
        raise ValueError(f"pages must be written as in 1-3,7,9-, got {part!r}")
    first, last = int(found[1]), int(found[3] or 0) if found[2] else int(found[1])
    if first < 1 or (last and last < first) or max(first, last) > 1 << 31:
        raise ValueError(f"pages must count from 1 upwards, got {part!r}")
    return first - 1, last - 1 if last else None
