import numpy as np

from edgeocr.model.layout.grids.cell_rows import is_of_panes, with_rows_of_text
from edgeocr.model.layout.grids.tables import Field, Grid

XS = (0.0, 100.0, 200.0, 300.0)


def grid(columns, width=60.0, ys=(0.0, 30.0, 400.0)):
    """A head row above one cell a column, whose lines stand at these heights; and the boxes of all lines."""
    boxes, fields = [], []
    for column in range(len(columns)):
        boxes.append((XS[column] + 5, 5.0, XS[column] + 5 + width, 25.0))
        fields.append(Field(0, column, 1, 1, (column,)))
    for column, tops in enumerate(columns):
        lines = []
        for top in tops:
            lines.append(len(boxes))
            boxes.append((XS[column] + 5, top, XS[column] + 5 + width, top + 20.0))
        fields.append(Field(1, column, 1, 1, tuple(lines)))
    return Grid(ys, XS[: len(columns) + 1], tuple(fields)), np.array(boxes)


def tops(count, pitch=40.0, first=50.0):
    return [first + pitch * number for number in range(count)]


def test_lines_level_from_cell_to_cell_are_rows():
    parted = with_rows_of_text(*grid([tops(4)] * 3))
    assert len(parted.ys) == 6
    assert [(field.row, field.column, len(field.lines)) for field in parted.fields] == [
        (row, column, 1) for row in range(5) for column in range(3)
    ]
    assert list(parted.ys) == sorted(parted.ys)


def test_a_cell_without_a_line_in_a_row_is_empty_there():
    parted = with_rows_of_text(*grid([tops(6), tops(6), tops(6)[::2]]))
    assert [len(field.lines) for field in parted.fields if field.column == 2] == [1, 1, 0, 1, 0, 1, 0]


def test_text_that_goes_on_in_its_cell_stays_there():
    table, boxes = grid([tops(4)] * 3, width=92.0)
    assert with_rows_of_text(table, boxes) == table


def test_two_addresses_side_by_side_stay_what_they_are():
    table, boxes = grid([tops(3), tops(3)])
    assert with_rows_of_text(table, boxes) == table


def test_a_cell_that_spans_rows_spans_the_new_ones_too():
    table, boxes = grid([tops(6)] * 3)
    fields = (Field(0, 0, 2, 1, (0,)), *(field for field in table.fields if field.column))
    parted = with_rows_of_text(Grid(table.ys, table.xs, fields), boxes)
    assert parted.fields[0].row_span == 7


def test_panes_are_recognised_by_many_lines_that_are_not_level():
    panes, boxes = grid([tops(8, 40.0), tops(10, 31.0), tops(6, 53.0)])
    assert with_rows_of_text(panes, boxes) == panes
    assert is_of_panes(panes, boxes)
    assert not is_of_panes(*grid([tops(2)] * 3))
