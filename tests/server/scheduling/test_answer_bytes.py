"""The memory reserved for pages that wait to be sent, compared with what they take."""

import sys
from dataclasses import fields, is_dataclass

import pytest

from edgeocr.model.options import Mode, Preparation
from edgeocr.server.scheduling.events import answer_bytes
from tests.server.pool import DENSE, Serving
from tests.support.rendering import encoded, page, table

TABLE = table(
    (60, 200, 340, 480), (60, 120, 180, 240), {(row, column): "ab" for row in range(3) for column in range(3)}
)


def taken_bytes(value, seen):
    """What a value takes with all that it is made of, each part once."""
    if id(value) in seen:
        return 0
    seen.add(id(value))
    parts = value if isinstance(value, tuple) else ()
    if is_dataclass(value):
        parts = [getattr(value, part.name) for part in fields(value)]
    return sys.getsizeof(value) + sum(taken_bytes(part, seen) for part in parts)


@pytest.mark.parametrize("pixels", [page(DENSE), TABLE], ids=["dense", "table"])
@pytest.mark.parametrize("with_characters", [True, False])
def test_pages_are_accounted_for_at_least_what_they_take(models, pixels, with_characters):
    serving = Serving(models)
    serving.pool.start()
    serving.admit(encoded(pixels), Mode.PAGE, with_characters=with_characters)
    pages = serving.finished().pages
    serving.queue.close()
    assert pages[0].lines
    assert bool(pages[0].tables) == (pixels is TABLE)
    assert answer_bytes(pages) > taken_bytes(pages, set())


def test_cells_count_and_so_does_an_error_in_their_place(models):
    serving = Serving(models)
    serving.pool.start()
    found = []
    for tables in (True, False):
        data = encoded(TABLE)
        serving.admit(data, Mode.PAGE, preparation=Preparation(tables=tables))
        found.append(serving.finished().pages)
    serving.queue.close()
    with_cells, without = found
    assert answer_bytes(with_cells) > answer_bytes(without) > answer_bytes(()) > 0
