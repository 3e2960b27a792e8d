"""Links between documents lead to files; `make docs` checks the places within them."""

import re

import pytest

from tests.docs.examples import DOCUMENTS, ROOT

_PAGES = [*DOCUMENTS, ROOT / "SECURITY.md", ROOT / "examples/README.md", ROOT / "model/weights/CARD.md"]
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_document_lead_to_files(page):
    links = _LINK.findall(re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_index_leads_to_every_guide():
    index = (ROOT / "docs/index.md").read_text("utf-8")
    guides = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert guides <= set(_LINK.findall(index))
