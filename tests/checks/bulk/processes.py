"""Processes that a command has started."""

import re
from collections.abc import Iterator
from pathlib import Path

_PARENT = re.compile(r"^PPid:\t(\d+)$", re.MULTILINE)


def descendants(of: int) -> Iterator[tuple[int, str]]:
    """Numbers and command lines of what a process has started, and of what that has started in turn."""
    parents, words = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found = _PARENT.search((folder / "status").read_text())
            words[int(folder.name)] = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        assert found is not None
        parents[int(folder.name)] = int(found[1])
    for number in parents:
        ancestor = number
        while ancestor in parents and ancestor != of:
            ancestor = parents[ancestor]
        if ancestor == of and number != of:
            yield number, words.get(number, "")


def readers(of: int) -> list[int]:
    """Processes of an `edgeocr bulk` that read."""
    return [number for number, words in descendants(of) if words.startswith("ray::MapWorker")]
