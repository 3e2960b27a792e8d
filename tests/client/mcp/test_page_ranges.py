"""Which pages one call of a tool reads."""

import pytest

from edgeocr.client.mcp.page_ranges import count, split_pages


@pytest.mark.parametrize(
    ("pages", "now", "later"),
    [
        ("", "1-4", "5-"),
        ("3", "3", ""),
        ("1-3,7", "1-3,7", ""),
        ("1-3,7,9-", "1-3,7", "9-"),
        ("2-9", "2-5", "6-9"),
        ("1-2,5-9,11", "1-2,5-6", "7-9,11"),
        ("9-", "9-12", "13-"),
        ("1-4,6", "1-4", "6"),
    ],
)
def test_the_first_pages_are_read_and_the_others_are_reported(pages, now, later):
    assert split_pages(pages, 4) == (now, later)
    assert count(now) <= 4


@pytest.mark.parametrize("pages", ["0", "x", "3-1", "1,,2"])
def test_what_is_no_list_of_pages_is_an_error(pages):
    with pytest.raises(ValueError, match="pages must"):
        split_pages(pages, 4)
