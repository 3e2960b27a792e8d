import pytest

from edgeocr.model.layout.structure.beginnings import is_caption, is_page_number, marker, names_section, section_depth


@pytest.mark.parametrize(
    "text", ["Fig. 3: A pump", "Figure 12 Pumps", "Table 2.1. Prices", "表7 美人蕉植株高度", "图 3-1"]
)
def test_captions_are_recognised_by_their_words(text):
    assert is_caption(text)


@pytest.mark.parametrize("text", ["Table 3 shows that", "Figures of speech", "图1所示的结果", "A table 3", "表示"])
def test_sentences_that_mention_figures_are_no_captions(text):
    assert not is_caption(text)


@pytest.mark.parametrize("text", ["7", "- 12 -", "xiv", "Page 3 of 10", "3 / 10", "第 5 页", "第5页 共 12 页"])
def test_page_numbers_stand_alone(text):
    assert is_page_number(text)


@pytest.mark.parametrize("text", ["12.50", "7 pumps", "2026-11-29", "Page", "第五"])
def test_other_numbers_are_no_page_numbers(text):
    assert not is_page_number(text)


@pytest.mark.parametrize(
    ("text", "sort", "number"),
    [
        ("• one", "bullet", 0),
        ("- one", "dash", 0),
        ("12. one", "number", 12),
        ("3) one", "number", 3),
        ("（2）一", "round", 2),
        ("b) two", "letter", 2),
        ("③三", "circled", 3),
        ("十二、项", "han", 12),
    ],
)
def test_items_of_lists_have_markers(text, sort, number):
    found = marker(text)
    assert (found.sort, found.number) == (sort, number)


@pytest.mark.parametrize("text", ["3.14 is", "-5.00", "a word", "2026. ", "（note）"])
def test_other_beginnings_are_no_markers(text):
    assert marker(text) is None


def test_sections_have_numbers_or_names():
    numbered = ("2.1 Pumps", "3.2.1 泵", "第三章 泵", "Chapter 4", "2 pumps")
    assert [section_depth(text) for text in numbered] == [2, 3, 1, 1, 0]
    assert all(names_section(text) for text in ("References", "1. Introduction", "参考文献"))
    assert not names_section("Introduction to pumps")
