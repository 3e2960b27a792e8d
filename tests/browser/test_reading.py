"""Files come to the page, and their text comes back."""

import csv
import io
import json
import re

import pytest

from tests.browser.acts import (
    DENSE_TEXTS,
    SHEET,
    TEXTS,
    answer,
    choose,
    darkest_under_boxes,
    dense,
    file,
    give,
    lit,
    saved,
    texts,
    wait_until,
    words,
)
from tests.support.files.documents import text_page, tiff
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.serving import ServerProcess

BOOK = pdf([PdfPageSpec([("one", 40, 100)]), PdfPageSpec([("two", 40, 100)])])


def test_a_file_that_is_chosen_is_read(page):
    choose(page, file(SHEET))
    wait_until(page, "done")
    assert words(texts(page)) == words(TEXTS)
    assert page.locator("#sheet img").evaluate("image => [image.naturalWidth, image.naturalHeight]") == [400, 240]
    assert page.locator("#sheet .box").count() == 3
    assert "sheet.png is read: 3 lines" in page.inner_text("#said")


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_file_that_is_dropped_or_pasted_is_read(page, way):
    give(page, way, SHEET, "given.png", "image/png")
    wait_until(page, "done")
    assert words(texts(page)) == words(TEXTS)


def test_several_files_each_have_their_place(page):
    choose(page, file(SHEET), file(tiff([text_page("alpha")]), "second.tif", "image/tiff"), file(BOOK, "third.pdf"))
    wait_until(page, "done", 3)
    page.get_by_role("button", name="second.tif", exact=True).click()
    assert texts(page) == ["alpha"]
    assert page.inner_text("#totals").startswith("3 of 3 read")
    page.get_by_role("button", name="Remove: second.tif").click()
    assert page.locator("#list li").count() == 2


def test_a_pdf_is_turned_page_by_page_with_its_lines_over_its_pictures(page):
    choose(page, file(BOOK, "book.pdf", "application/pdf"))
    wait_until(page, "done")
    for place, text in enumerate(("one", "two"), 1):
        assert (texts(page), page.input_value("#number"), page.inner_text("#place")) == ([text], str(place), "of 2")
        (darkest,) = darkest_under_boxes(page)
        assert darkest < 100
        assert not page.locator("#no-picture").is_visible()
        page.hover("#lines li")
        assert lit(page) == ([0], [0])
        if place == 1:
            page.get_by_role("button", name="Next page").click()
    assert page.get_by_role("button", name="Next page").is_disabled()


def test_a_tiff_has_pictures_too_and_boxes_over_them_at_any_size(page):
    choose(page, file(tiff([text_page("alpha")]), "scan.tif", "image/tiff"))
    wait_until(page, "done")
    for button in ("Zoom in", "Zoom in", "Fit to window"):
        page.get_by_role("button", name=button).click()
        (darkest,) = darkest_under_boxes(page)
        assert darkest < 100


def test_where_no_picture_was_drawn_the_text_stands_where_it_was(page):
    page.click("#options summary")
    page.check("#text-layer")
    choose(page, file(BOOK, "book.pdf", "application/pdf"))
    wait_until(page, "done")
    assert page.locator("#no-picture").is_visible()
    assert page.locator("#sheet img").count() == 0
    assert page.locator("#sheet .glyphs").all_text_contents() == ["one"]


def test_lines_appear_while_a_dense_page_is_read(weights, open_page):
    with ServerProcess("--http", "127.0.0.1:0", "--workers", "1") as server:
        page = open_page(server.http)
        choose(page, file(dense()))
        page.locator("#lines li").first.wait_for()
        state = page.locator("#list li").get_attribute("data-state")
        some = len(texts(page))
        wait_until(page, "done")
    assert state == "reading"
    assert 1 <= some < len(DENSE_TEXTS)
    assert words(texts(page)) == words(DENSE_TEXTS)


def test_a_line_and_its_box_light_up_together_both_ways(page):
    choose(page, file(SHEET))
    wait_until(page, "done")
    page.hover("#lines li:nth-child(2)")
    assert lit(page) == ([1], [1])
    page.locator("#sheet .glyphs").nth(2).hover()
    assert lit(page) == ([2], [2])
    page.mouse.move(5, 5)
    assert lit(page) == ([], [])
    page.locator("#sheet .glyphs").first.click()
    assert page.evaluate("document.activeElement.value.replaceAll(' ', '')") == "firstline"
    page.keyboard.press("Enter")
    assert lit(page) == ([1], [1])


def test_the_picture_grows_and_shrinks_with_its_boxes(page):
    choose(page, file(SHEET))
    wait_until(page, "done")

    def sides():
        return [page.locator(part).first.bounding_box()["width"] for part in ("#sheet", "#sheet .glyphs")]

    before = sides()
    page.get_by_role("button", name="Zoom in").click()
    after = sides()
    assert [now / then for now, then in zip(after, before, strict=True)] == pytest.approx([1.25, 1.25], rel=0.03)
    page.focus("#frame")
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert sides()[0] < before[0]
    page.get_by_role("button", name="Fit to window").click()
    assert sides() == pytest.approx(before)


def test_what_is_copied_and_saved_is_what_was_read_and_edited(page, server):
    choose(page, file(SHEET))
    wait_until(page, "done")
    (expected,) = answer(server, SHEET)["results"][0]["pages"]
    lines = [line["text"] for line in expected["lines"]]
    fixed = 'a "new", <b>line</b>'
    page.locator("#lines textarea").nth(1).fill(fixed)
    text = expected["text"].replace(lines[1], fixed)
    page.get_by_role("button", name="Copy").click()
    page.get_by_text("Copied.").first.wait_for(state="attached")
    assert page.evaluate("navigator.clipboard.readText()") == text
    assert saved(page, "txt") == ("sheet.txt", text + "\n")
    found = json.loads(saved(page, "json")[1])
    assert found["text"] == text
    assert [line["text"] for line in found["pages"][0]["lines"]] == [lines[0], fixed, lines[2]]
    assert found["pages"][0]["lines"][1]["read"] == lines[1]
    assert [line["polygon"] for line in found["pages"][0]["lines"]] == [one["polygon"] for one in expected["lines"]]
    name, table = saved(page, "csv")
    assert (name, table[0]) == ("sheet.csv", "\ufeff")
    assert list(csv.reader(io.StringIO(table[1:], newline=""))) == [[lines[0]], [fixed], [lines[2]]]
    name, marked = saved(page, "md")
    assert name == "sheet.md"
    assert r"\<b\>" in marked


def test_no_cell_that_is_saved_is_a_formula(page):
    choose(page, file(SHEET))
    wait_until(page, "done")
    page.locator("#lines textarea").first.fill("=HYPERLINK(1)")
    _, table = saved(page, "csv")
    assert next(csv.reader(io.StringIO(table[1:], newline=""))) == ["'=HYPERLINK(1)"]


def test_an_edit_can_be_taken_back(page):
    choose(page, file(SHEET))
    wait_until(page, "done")
    before = texts(page)
    page.locator("#lines textarea").first.fill("other")
    page.keyboard.press("Escape")
    assert texts(page) == before


def test_choices_reach_the_server(page):
    page.click("#options summary")
    page.select_option("#mode", "line")
    page.fill("#pages", "2")
    page.fill("#dpi", "100")
    page.uncheck("#skew")
    page.check("#text-layer")
    with page.expect_request("**/api/ocr*") as sent:
        choose(page, file(BOOK, "book.pdf", "application/pdf"))
    wait_until(page, "done")
    assert texts(page) == ["two"]
    sent = sent.value
    assert "stream=1" in sent.url


def test_figures_of_the_server_are_shown_while_they_are_looked_at(page):
    choose(page, file(SHEET))
    wait_until(page, "done")
    page.click("#status summary")
    page.get_by_text(re.compile(r"\d+ MiB of 300 MiB")).wait_for()
    shown = page.inner_text("#figures")
    assert "Ready" in shown
    assert re.search(r"Busy workers\s+0 of \d", shown)
    assert re.search(r"Time per image\s+[\d.]+ s", shown)
