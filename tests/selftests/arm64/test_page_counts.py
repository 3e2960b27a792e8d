import pytest

from tests.checks.arm64.page_counts import PageRow, by_mark, page_table, pages, part_table
from tests.selftests.arm64.test_counts import count, line


def test_what_follows_a_mark_belongs_to_it_until_the_next():
    report = "\n".join(
        [
            line(3, total=100),
            line(5, total=110, udot=4),
            line(3, total=150, udot=4),
            line(0, total=157, udot=5, mul_f32=2),
            line(3, total=500, udot=5, mul_f32=2),
            line(0, total=501, udot=5, mul_f32=2),
        ]
    )
    assert by_mark(report) == {3: count(10 + 7 + 1, dot=4 + 1, single=2), 5: count(40)}


def test_a_report_is_cut_where_pages_end():
    first, second = [line(3, total=1), line(0, total=4)], [line(3, total=9), line(5, total=10), line(0, total=11)]
    assert pages("\n".join(first + second)) == ["\n".join(first), "\n".join(second)]
    with pytest.raises(ValueError, match="has no end"):
        pages("\n".join(first + second[:2]))


@pytest.mark.parametrize("report", ["", line(3, total=7), f"{line(0, total=7)}\n{line(3, total=9)}"])
def test_a_report_in_which_no_page_ends_is_refused(report):
    with pytest.raises(ValueError, match="saw no page between two marks"):
        by_mark(report)


def test_a_line_that_is_not_the_plugins_is_refused():
    with pytest.raises(ValueError, match="Segmentation"):
        by_mark(f"Segmentation fault\n{line(0, total=7)}")


def test_readers_are_set_against_the_first_on_the_same_page_and_on_all():
    rows = [
        PageRow("a", "ours", 4, {"find": count(1_000_000_000), "read": count(3_000_000_000, dot=1_000_000_000)}),
        PageRow("a", "other", 3, {"all": count(2_000_000_000, single=500_000_000)}),
        PageRow("b", "ours", 1, {"find": count(1_000_000_000)}),
        PageRow("b", "other", 2, {"all": count(3_000_000_000)}),
    ]
    assert page_table(rows).splitlines()[2:] == [
        "| a | ours | 4 | 4.00 | 1.00 | 25.0% | 0.0% | 0.0% |",
        "| a | other | 3 | 2.00 | 0.50 | 0.0% | 0.0% | 25.0% |",
        "| b | ours | 1 | 1.00 | 1.00 | 0.0% | 0.0% | 0.0% |",
        "| b | other | 2 | 3.00 | 3.00 | 0.0% | 0.0% | 0.0% |",
        "| all | ours | 5 | 5.00 | 1.00 | 20.0% | 0.0% | 0.0% |",
        "| all | other | 5 | 5.00 | 1.00 | 0.0% | 0.0% | 10.0% |",
    ]


def test_parts_are_means_over_pages_and_the_largest_comes_first():
    rows = [
        PageRow("a", "ours", 1, {"find": count(1_000_000), "read": count(6_000_000, dot=3_000_000)}),
        PageRow("b", "ours", 1, {"find": count(3_000_000)}),
    ]
    assert part_table(rows).splitlines()[2:] == [
        "| read | 3.0 | 60.0% | 50.0% | 0.0% | 0.0% |",
        "| find | 2.0 | 40.0% | 0.0% | 0.0% | 0.0% |",
    ]
