"""The reference pages are what the declarations say."""

import pytest

from tests.support.reference import FOLDER, PAGES


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_reference_page_is_up_to_date(name):
    assert (FOLDER / name).read_text("utf-8") == PAGES[name](), "run `make reference`"
