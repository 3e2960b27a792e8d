import numpy as np

from edgeocr.model.layout.grids.aligned_tables import aligned_grids

HEIGHT, PITCH = 20.0, 36


def rows(*texts, lefts=(40, 300, 520), right=()):
    """Boxes of texts in columns, each letter half as wide as it is high; columns of `right` end level."""
    boxes = []
    for row, cells in enumerate(texts):
        for column, text in enumerate(cells):
            width = len(text) * HEIGHT / 2
            left = lefts[column] + (100 - width if column in right else 0)
            if text:
                boxes.append((left, 50 + row * PITCH, left + width, 50 + row * PITCH + HEIGHT))
    return np.array(boxes, np.float64)


def found(boxes, taken=frozenset()):
    return aligned_grids(boxes, taken)


def test_aligned_columns_are_a_table_with_its_empty_cells():
    boxes = rows(("Item", "Size", "Price"), ("Bolt", "", "0.40"), ("Washer", "M8", "0.10"), ("Nut", "M6", "12.25"))
    ((table),) = found(boxes)
    assert (len(table.grid.ys) - 1, len(table.grid.xs) - 1) == (4, 3)
    empty = [(cell.row, cell.column) for cell in table.grid.fields if not cell.lines]
    assert empty == [(1, 1)]
    assert 0.6 < table.confidence <= 1


def test_figures_that_end_level_are_a_column():
    boxes = rows(
        *((name, price) for name, price in zip("abcde", ("1.20", "120.00", "3", "17.5", "4"), strict=True)), right=(1,)
    )
    (table,) = found(boxes)
    assert len(table.grid.xs) == 3


def test_more_rows_are_surer():
    few, many = (found(rows(*[("name", "12")] * count))[0].confidence for count in (3, 8))
    assert few < many


def test_running_text_and_lists_are_no_tables():
    assert not found(rows(*[("a sentence that goes on for the whole width",)] * 6))
    numbers = [(f"{number}.", "an item with a rather long text") for number in range(1, 6)]
    assert not found(rows(*numbers, lefts=(40, 92)))


def test_two_rows_are_no_table():
    assert not found(rows(("Item", "Price"), ("Bolt", "0.40")))


def test_columns_of_text_are_no_table():
    text = "a row of a column of a newspaper"
    assert not found(rows(*[(text, text)] * 12, lefts=(40, 420)))


def test_lines_of_other_tables_are_left_to_them():
    boxes = rows(*[("name", "12")] * 4)
    assert not found(boxes, frozenset(range(len(boxes))))
