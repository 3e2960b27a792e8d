"""The order of lines: which come first, which share a row, which make up a paragraph."""

import pytest

from edgeocr.model.layout.reading_order import TableArea, positions, reading_order


def box(left, top, width, height=20):
    return (left, top), (left + width, top), (left + width, top + height), (left, top + height)


def column(left, top, count, width=300, pitch=30):
    return [box(left, top + pitch * number, width) for number in range(count)]


def order(polygons):
    """The places in reading order, whatever order they come in."""
    mixed = sorted(range(len(polygons)), key=lambda place: (place * 7) % 11)
    found = reading_order([polygons[place] for place in mixed])
    return [mixed[place] for place, _ in found]


def shape(polygons, areas=()):
    """Paragraphs as lists of rows of places."""
    found = []
    for place, position in reading_order(polygons, areas):
        while len(found) <= position.paragraph:
            found.append({})
        found[position.paragraph].setdefault(position.row, []).append(place)
    return [list(paragraph.values()) for paragraph in found]


def test_rows_go_from_top_to_bottom_and_each_from_left_to_right():
    name, price, second, third = box(10, 10, 90), box(300, 14, 50), box(10, 40, 90), box(10, 71, 90)
    assert [place for place, _ in reading_order([third, price, second, name])] == [3, 1, 2, 0]


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("shift", [0, 11])
def test_columns_are_read_one_after_the_other(count, shift):
    # Level with each other or not.
    polygons = [one for number in range(count) for one in column(10 + 330 * number, 10 + shift * number, 8)]
    assert order(polygons) == list(range(8 * count))


def test_a_heading_over_two_columns_comes_first_and_a_footing_last():
    polygons = [box(10, 10, 600, 40), *column(10, 80, 6), *column(340, 80, 6), box(10, 300, 600)]
    assert order(polygons) == list(range(14))


def test_columns_end_where_a_line_runs_across_them():
    polygons = [*column(10, 10, 4), *column(340, 10, 4), box(10, 150, 620), *column(10, 200, 4), *column(340, 200, 4)]
    assert order(polygons) == list(range(17))


def ragged(left, top, count, width=300, pitch=30):
    """A column whose lines end where their words do, and whose every tenth line ends a paragraph."""
    ends = (0, 14, 6, 22, 0, 9, 17, 3, 12, 170)
    return [box(left, top + pitch * number, width - ends[number % len(ends)]) for number in range(count)]


def test_columns_may_stand_closer_together_than_the_pieces_of_a_row():
    # Twelve pixels apart, where lines are twenty high.
    polygons = [one for number in range(3) for one in ragged(10 + 312 * number, 10, 20)]
    assert order(polygons) == list(range(60))


def test_a_line_that_reaches_into_its_gutter_does_not_end_the_columns():
    polygons = [one for number in range(3) for one in ragged(10 + 312 * number, 10, 20)]
    polygons[7], polygons[31] = box(10, 220, 308), box(322, 340, 310)
    assert order(polygons) == list(range(60))


@pytest.mark.parametrize("count", [2, 3, 4])
def test_narrow_columns_are_read_one_after_the_other(count):
    polygons = [one for number in range(count) for one in ragged(10 + 170 * number, 10, 9, width=150)]
    assert order(polygons) == list(range(9 * count))


def test_rows_of_names_and_dates_are_rows():
    widths = (84, 150, 110, 132, 96, 144, 120, 88)
    cells = [(box(10, 30 * row, width), box(200, 30 * row, 100)) for row, width in enumerate(widths)]
    assert order([one for row in cells for one in row]) == list(range(16))


def test_labels_and_prices_are_rows():
    labels = [box(10, 30 * number, 150 + 20 * (number % 3)) for number in range(8)]
    prices = [box(520, 30 * number, 60) for number in range(8)]
    polygons = [one for pair in zip(labels, prices, strict=True) for one in pair]
    assert order(polygons) == list(range(16))
    assert shape(polygons) == [[[2 * number, 2 * number + 1] for number in range(8)]]


def test_rows_of_numbers_are_rows_however_close_they_stand():
    cells = [[box(10 + 70 * place, 30 * row, 48) for place in range(6)] for row in range(6)]
    polygons = [one for row in cells for one in row]
    assert order(polygons) == list(range(36))


def test_a_lists_numbers_stay_with_their_texts():
    polygons = [one for row in range(6) for one in (box(10, 30 * row, 20), box(44, 30 * row, 500))]
    assert order(polygons) == list(range(12))


def test_text_next_to_a_form_is_read_apart_from_it():
    form = [one for row in range(6) for one in (box(10, 36 * row, 80), box(200, 36 * row, 60))]
    assert order([*form, *column(300, 13, 8, width=400, pitch=28)]) == list(range(20))


def test_text_that_runs_downwards_is_read_from_right_to_left():
    polygons = [((right, 10), (right, 400), (right - 24, 400), (right - 24, 10)) for right in (500, 460, 420, 380)]
    assert [place for place, _ in reading_order(polygons, are_vertical=True)] == [0, 1, 2, 3]


def test_paragraphs_are_separated_by_space_size_and_indent():
    heading = box(10, 0, 200, 40)
    spaced = [*column(10, 60, 3), *column(10, 180, 3)]
    indented = [box(60, 280, 250), *column(10, 310, 2)]
    assert shape([heading, *spaced, *indented]) == [
        [[0]],
        [[1], [2], [3]],
        [[4], [5], [6]],
        [[7], [8], [9]],
    ]


def test_a_list_that_is_spaced_evenly_is_one_paragraph():
    assert len(shape(column(10, 10, 6, pitch=60))) == 1


def test_a_tables_lines_stay_together_next_to_text():
    text = column(10, 0, 10)
    cells = [box(350 + 100 * (place % 3), 5 + 60 * (place // 3), 60) for place in range(12)]
    whole = TableArea((340, 0, 660, 240), [[10 + 3 * row + place for place in range(3)] for row in range(4)])
    found = shape([*text, *cells], [whole])
    assert found == [
        [[place] for place in range(10)],
        [[10 + 3 * row + place for place in range(3)] for row in range(4)],
    ]


def test_a_table_between_paragraphs_comes_between_them():
    above, below = column(10, 0, 2, width=600), column(10, 200, 2, width=600)
    cells = [box(10 + 200 * (place % 3), 80 + 50 * (place // 3), 60) for place in range(6)]
    whole = TableArea((0, 70, 620, 180), [[4, 5, 6], [7, 8, 9]])
    assert shape([*above, *below, *cells], [whole]) == [[[0], [1]], [[4, 5, 6], [7, 8, 9]], [[2], [3]]]


def test_lines_in_a_given_order_have_rows_and_paragraphs():
    given = [box(10, 0, 80), box(300, 2, 60), box(10, 30, 200), box(10, 120, 200), box(400, 0, 200)]
    found = [(position.row, position.paragraph) for position in positions(given)]
    assert found == [(0, 0), (0, 0), (1, 0), (2, 1), (3, 2)]


def test_a_page_without_lines_is_no_trouble():
    assert reading_order([]) == []
    assert positions([]) == []


def test_columns_next_to_level_lines_are_read_from_right_to_left_and_these_by_rows():
    heading = ((100.0, 10.0), (500.0, 10.0), (500.0, 50.0), (100.0, 50.0))
    columns = [((x + 30.0, 100.0), (x + 30.0, 400.0), (x, 400.0), (x, 100.0)) for x in (450.0, 510.0, 570.0)]
    level = [((20.0, y), (380.0, y), (380.0, y + 30), (20.0, y + 30)) for y in (500.0, 550.0)]
    for are_vertical in (True, False):
        order = reading_order([*level, *columns, heading], are_vertical=are_vertical)
        assert [place for place, _ in order] == [5, 4, 3, 2, 0, 1]
        assert len({position.row for _, position in order}) == 6
