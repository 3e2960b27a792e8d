from edgeocr.model.sampling import is_hard, sampled


def test_sampled_lines_lie_evenly_among_those_that_are_not_left_out() -> None:
    assert sampled(16, ()) == [2, 6, 10, 14]
    assert sampled(32, range(16)) == [18, 22, 26, 30]


def test_few_lines_are_not_sampled() -> None:
    assert sampled(8, ()) == []
    assert sampled(16, range(8)) == []


def test_a_page_is_hard_where_most_of_what_its_sampled_lines_measure_is_read_again() -> None:
    widths = {0: 100, 1: 100, 2: 1000, 3: 800}
    assert is_hard({0: 0, 1: 0, 2: 900, 3: 800}, widths)
    assert not is_hard({0: 100, 1: 100, 2: 0, 3: 800}, widths)
    assert not is_hard({}, {})
