"""Writes the reference pages into `docs/`: `python -m tests.support.reference`."""

from tests.support.reference import FOLDER, PAGES

for name, page in PAGES.items():
    (FOLDER / name).write_text(page(), "utf-8")
