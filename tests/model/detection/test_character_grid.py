import numpy as np
import pytest
from PIL import Image, ImageDraw

from edgeocr.model.contrast import AS_IT_IS
from edgeocr.model.detection.character_grid import with_grid_columns
from tests.support.rendering import font

HAN = "设备清单和测试报告由委员会审定后公布实施各部门按期完成本年度工作计划"
SIZE = 40


def grid(columns, rows, across, down, ragged=0):
    """Pixels, and a polygon around each character."""
    picture = Image.new("RGB", (80 + round(columns * across), 80 + round(rows * down)), "white")
    draw = ImageDraw.Draw(picture)
    polygons = []
    for column in range(columns):
        for row in range(rows - (ragged if column == 0 else 0)):
            left, top = 40 + column * across, 40 + row * down
            draw.text((left, top), HAN[(7 * column + row) % len(HAN)], "black", font(SIZE), anchor="lt")
            polygons.append(((left, top), (left + SIZE, top), (left + SIZE, top + SIZE), (left, top + SIZE)))
    return np.asarray(picture, np.uint8).copy(), polygons


@pytest.mark.parametrize(("columns", "rows", "across", "down"), [(4, 7, 46, 46), (8, 5, 54, 46)])
def test_a_grid_that_is_higher_than_wide_or_has_space_between_columns_is_read_downwards(columns, rows, across, down):
    page, polygons = grid(columns, rows, across, down)
    found = with_grid_columns(page, AS_IT_IS, polygons)
    assert len(found) == columns
    for (left, top), (right, _), (_, bottom), _ in found:
        assert right - left < SIZE * 1.3
        assert bottom - top > (rows - 1) * down


def test_a_last_column_that_is_shorter_ends_where_it_ends():
    page, polygons = grid(5, 8, 46, 46, ragged=2)
    heights = [bottom - top for (_, top), _, (_, bottom), _ in with_grid_columns(page, AS_IT_IS, polygons)]
    assert heights[0] < heights[1] - SIZE


@pytest.mark.parametrize(("columns", "rows", "across", "down"), [(7, 4, 46, 46), (6, 8, 44, 60), (2, 8, 46, 46)])
def test_what_is_read_across_and_what_is_no_grid_stay_as_they_are(columns, rows, across, down):
    page, polygons = grid(columns, rows, across, down)
    assert sorted(with_grid_columns(page, AS_IT_IS, polygons)) == sorted(polygons)


def test_no_lines_are_none():
    assert with_grid_columns(np.zeros((9, 9, 3), np.uint8), AS_IT_IS, []) == []
