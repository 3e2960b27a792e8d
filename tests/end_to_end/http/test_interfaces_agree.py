"""One page through every interface: the same text, lines, rows, tables and blocks, member for member."""

import pytest

from tests.checks.interfaces.exports import differences_of_exports, has_node
from tests.checks.interfaces.pages import LEFT, PAGES, RIGHT
from tests.checks.interfaces.ways import WAYS, alike, differences_of_archive, in_process
from tests.support.serving import ServerProcess


@pytest.fixture(scope="module")
def server(weights):
    with ServerProcess("--http", "127.0.0.1:0") as running:
        yield running


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_the_same_members_and_values_everywhere(server, models, name):
    data = PAGES[name]
    expected = in_process(data, models)
    assert all(one["lines"] and one["blocks"] for one in expected)
    for read in WAYS.values():
        assert read(server, data) == alike(expected)


@pytest.mark.parametrize("name", PAGES)
def test_archives_have_the_same_text_lines_tables_and_blocks(models, name):
    assert differences_of_archive(PAGES[name], models) == []


@pytest.mark.skipif(not has_node(), reason="needs Node")
@pytest.mark.parametrize("name", PAGES)
def test_the_page_in_the_browser_saves_the_same(server, models, name):
    assert differences_of_exports(server, PAGES[name], in_process(PAGES[name], models)) == []


def test_what_belongs_together_is_together(models):
    """The texts that all interfaces have."""
    texts = {name: in_process(data, models)[0]["text"] for name, data in PAGES.items()}
    assert [" ".join(row.split()) for row in texts["receipt"].split("\n") if row] == [
        *("THE CORNER SHOP", "12 Mill Lane", "Milk 1L x2 31.80", "Bread 8.50", "Tea, green 12.00", "TOTAL 52.30"),
    ]
    assert texts["ruled table"] == "name  sum\ntea   12"
    assert texts["unruled table"] == ("Item    Size  Price\nBolt    M6    0.40\nNut     M6    0.25\nWasher  M8    0.10")
    assert texts["two columns"].replace("\n\n", "\n") == "\n".join([*LEFT, *RIGHT])
    assert texts["vertical"] == "春眠不觉晓\n处处闻啼鸟"
