"""What is doubtful is seen, gone to, and settled; by pointer and by keys alone."""

import json

import pytest

from tests.browser.acts import SHEET, choose, fake_events, file, saved, texts, wait_until

TEXT = "5.7O and BOQK"


def character(text, place, confidence=0.99, *others):
    found = {"text": text, "confidence": confidence, "start": place / 13, "end": (place + 1) / 13}
    if others:
        found["alternatives"] = [{"text": other, "confidence": 0.2} for other in others]
    return found


def line(text, top, characters=()):
    corners = [[10, top], [190, top], [190, top + 20], [10, top + 20]]
    place = top // 40
    facts = {"confidence": 0.95, "min_confidence": 0.5, "row": place, "paragraph": place, "polygon": corners}
    return {"text": text, "characters": list(characters), **facts}


DOUBTFUL = [
    character(one, place, *((0.5, "0", "D") if one == "O" and place == 3 else (0.99,)))
    for place, one in enumerate(TEXT)
]
DOUBTFUL[11] = character("Q", 11, 0.4, "O")
LINES = [line("plain", 10), line(TEXT, 50, DOUBTFUL)]
CELLS = [
    {
        "row": 0,
        "column": place,
        "row_span": 1,
        "column_span": 1,
        "text": one["text"],
        "lines": [place],
        "polygon": one["polygon"],
        "confidence": 1,
    }
    for place, one in enumerate(LINES)
]
TABLE = {"kind": "ruled", "confidence": 1, "rows": 1, "columns": 2, "polygon": [[0, 0]] * 4, "cells": CELLS, "html": ""}


@pytest.fixture
def answered(page):
    """A page whose second line has two doubtful characters, and whose lines are a table's cells."""
    detected = {"index": 0, "width": 400, "height": 240, "text": "", "lines": LINES, "tables": [TABLE]}
    detected["blocks"] = [{"kind": "table", "lines": [0, 1], "text": "", "table": 0}]
    events = fake_events(
        ("queued", {"image": 0, "ahead": 3}),
        ("page", {"image": 0, "page": detected, "page_count": 1}),
        ("done", {"image": 0, "name": "a", "pages": [], "timings": {"total_seconds": 1}}),
    )
    page.route("**/api/ocr*", lambda route: route.fulfill(body=events, content_type="text/event-stream"))
    choose(page, file(SHEET))
    wait_until(page, "done")
    return page


def selected(page):
    return page.evaluate(
        "() => { const { value, selectionStart, selectionEnd } = document.activeElement;"
        " return value?.slice(selectionStart, selectionEnd) ?? null; }"
    )


def test_doubtful_characters_are_marked_in_line_and_picture(answered):
    assert answered.locator("#lines mark").all_text_contents() == ["O", "Q"]
    assert answered.locator("#sheet .doubt").count() == 2
    assert answered.inner_text("#doubts") == "2 to check"
    assert answered.locator("#list .state").inner_text() == "2 lines · 2 to check"


def test_keys_go_from_one_to_the_next_and_take_what_else_it_may_be(answered):
    answered.keyboard.press("F8")
    assert selected(answered) == "O"
    assert answered.locator(".others button").all_text_contents() == ["O", "0", "D"]
    answered.keyboard.press("ArrowDown")
    answered.keyboard.press("Enter")
    assert texts(answered)[1] == "5.70 and BOQK"
    # The next one follows by itself.
    assert selected(answered) == "Q"
    answered.keyboard.type("O")
    assert texts(answered)[1] == "5.70 and BOOK"
    assert answered.inner_text("#doubts") == "Nothing to check"
    assert answered.locator("#sheet .doubt").count() == 0
    assert answered.locator("#lines li.edited").count() == 1
    answered.keyboard.press("Escape")
    assert texts(answered)[1] == TEXT
    assert answered.inner_text("#doubts") == "2 to check"


def test_one_click_shows_what_else_a_character_may_be_and_one_takes_it(answered):
    answered.locator("#lines mark").nth(1).scroll_into_view_if_needed()
    box = answered.locator("#lines mark").nth(1).bounding_box()
    answered.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    answered.get_by_role("button", name="Change to O", exact=True).click()
    assert texts(answered)[1] == "5.7O and BOOK"
    answered.keyboard.press("Shift+F8")
    answered.get_by_role("button", name="Keep O", exact=True).click()
    assert answered.inner_text("#doubts") == "Nothing to check"
    assert texts(answered)[1] == "5.7O and BOOK"


def test_cells_of_a_table_are_edited_as_the_lines_that_they_hold(answered):
    answered.click("[data-view=table]")
    answered.get_by_label("Row 1, column 1").fill("=changed")
    answered.click("[data-view=lines]")
    assert texts(answered) == ["=changed", TEXT]
    assert saved(answered, "csv")[1] == f"\ufeff'=changed,{TEXT}\r\n"
    assert saved(answered, "md")[1] == f"| =changed | {TEXT} |\n| --- | --- |\n"


def test_a_page_that_was_reviewed_says_so_wherever_it_is_named(answered):
    answered.check("#reviewed")
    assert answered.locator("#list li.reviewed").count() == 1
    assert json.loads(saved(answered, "json")[1])["pages"][0]["reviewed"] is True


def test_a_text_is_found_in_all_files(answered):
    choose(answered, file(SHEET, "second.png"))
    wait_until(answered, "done", 2)
    answered.fill("#search", "book")
    answered.fill("#search", "boqk")
    answered.keyboard.press("Enter")
    assert (answered.inner_text("#found"), selected(answered)) == ("1 of 2", "BOQK")
    answered.focus("#search")
    answered.keyboard.press("Enter")
    assert (answered.inner_text("#found"), answered.inner_text("#picture-name")) == ("2 of 2", "second.png")
