"""Guides in Chinese say what the English ones do: the same examples, settings, codes and names."""

import re

import pytest

from tests.docs.examples import ROOT

_WHOLE = ("bulk", "formats", "monitoring", "scaling", "security")
"""Guides that are translated as they are; the others are made for readers of Chinese, and shorter."""
_BLOCK = re.compile(r"^```\w*\n.*?^```", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r" +# .*$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")


def code_of(path):
    """The blocks of a document without comments, and what it sets as code within sentences."""
    text = path.read_text("utf-8")
    blocks = [_COMMENT.sub("", block) for block in _BLOCK.findall(text)]
    return blocks, set(_CODE.findall(_BLOCK.sub("", text)))


@pytest.mark.parametrize("name", _WHOLE)
def test_a_translation_has_the_same_examples_and_names(name):
    (blocks, names), (wanted_blocks, wanted_names) = (code_of(ROOT / f"docs{at}/{name}.md") for at in ("/zh", ""))
    assert blocks == wanted_blocks
    assert names == wanted_names


@pytest.mark.parametrize("path", sorted((ROOT / "docs/zh").glob("*.md")), ids=lambda path: path.name)
def test_flags_and_variables_of_a_guide_are_known_to_the_english_docs(path):
    known = "\n".join(page.read_text("utf-8") for page in (ROOT / "docs").glob("*.md"))
    used = set(re.findall(r"--[a-z][a-z-]+|EDGEOCR_[A-Z_]+", path.read_text("utf-8")))
    assert {name for name in used if name not in known} == set()
