"""The picture: its text is selected and edited there; it is moved, turned, and read in part."""

import numpy as np
import pypdfium2 as pdfium
import pytest

from tests.browser.acts import SHEET, choose, dense, file, saved_bytes, texts, wait_until, words
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded
from tests.support.rendering import page as rendered

ROWS = [f"row {row} of the page" for row in range(4)]
UPRIGHT = rendered([(text, (40, 40 + 60 * row)) for row, text in enumerate(ROWS)], 500, 300)


def read(page, data=SHEET):
    choose(page, file(data))
    wait_until(page, "done")


def test_text_is_selected_on_the_picture_and_copied(page):
    read(page)
    first, last = (page.locator("#sheet .glyphs").nth(place).bounding_box() for place in (0, 2))
    page.mouse.move(first["x"] + 1, first["y"] + first["height"] / 2)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] - 1, last["y"] + last["height"] / 2, steps=6)
    page.mouse.up()
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()").split("\n") == texts(page)


def test_text_lies_over_its_glyphs(page):
    read(page)
    for line in page.locator("#sheet .glyphs").all():
        text, box = line.bounding_box(), page.locator("#sheet").bounding_box()
        assert box["x"] < text["x"] < text["x"] + text["width"] < box["x"] + box["width"]


def test_boxes_are_shown_on_request(page):
    read(page)
    stroke = "box => getComputedStyle(box).stroke"
    assert page.locator(".box").first.evaluate(stroke) == "none"
    page.get_by_role("button", name="Show boxes around lines").click()
    assert page.locator(".box").first.evaluate(stroke) != "none"


def test_a_line_is_edited_on_the_picture(page):
    read(page)
    page.locator("#sheet .glyphs").nth(1).dblclick()
    page.locator(".here").fill("typed there")
    page.keyboard.press("Enter")
    assert texts(page)[1] == "typed there"
    page.locator("#sheet .glyphs").nth(1).dblclick()
    page.locator(".here").fill("not kept")
    page.keyboard.press("Escape")
    assert texts(page)[1] == "typed there"


def test_the_picture_is_zoomed_by_the_wheel_and_dragged(page):
    read(page)
    before = page.locator("#sheet").bounding_box()
    page.mouse.move(before["x"] + before["width"] * 0.9, before["y"] + 5)
    for _ in range(6):
        page.mouse.wheel(0, -300)
    page.wait_for_timeout(200)
    after = page.locator("#sheet").bounding_box()
    assert after["width"] > 1.5 * before["width"]
    page.mouse.down()
    page.mouse.move(before["x"] + before["width"] * 0.9 + 60, before["y"] + 5, steps=4)
    page.mouse.up()
    assert page.locator("#sheet").bounding_box()["x"] > after["x"]


def test_a_page_on_its_side_is_shown_upright(page):
    read(page, encoded(np.ascontiguousarray(np.rot90(UPRIGHT))))
    assert words(texts(page)) == words(ROWS)
    boxes = [line.bounding_box() for line in page.locator("#sheet .glyphs").all()]
    assert all(box["width"] > 3 * box["height"] for box in boxes)
    assert [box["y"] for box in boxes] == sorted(box["y"] for box in boxes)


def test_a_page_is_turned_by_hand_and_read_again(page):
    read(page, encoded(UPRIGHT))
    # It stays as it was turned: whoever does so knows better.
    for _ in range(2):
        page.get_by_role("button", name="Rotate right and read again").click()
        wait_until(page, "done")
    assert page.locator("#sheet img").evaluate("image => [image.naturalWidth, image.naturalHeight]") == [500, 300]
    for _ in range(2):
        page.get_by_role("button", name="Rotate left and read again").click()
        wait_until(page, "done")
    assert words(texts(page)) == words(ROWS)


def begin_part(page):
    page.get_by_role("button", name="Read a part of the image").click()
    page.locator("#sheet .area").wait_for()


def test_a_part_of_a_page_is_read_alone(page):
    read(page, encoded(UPRIGHT))
    box = page.locator("#sheet").bounding_box()
    scale = box["width"] / 500
    begin_part(page)
    page.mouse.move(box["x"] + 10 * scale, box["y"] + 95 * scale)
    page.mouse.down()
    page.mouse.move(box["x"] + 480 * scale, box["y"] + 150 * scale, steps=4)
    page.mouse.up()
    wait_until(page, "done", 2)
    assert page.inner_text("#picture-name") == "sheet, part 1.png"
    assert words(texts(page)) == words(ROWS[1:2])


def test_a_part_is_chosen_by_keys(page):
    read(page, encoded(UPRIGHT))
    begin_part(page)
    for key in ("ArrowUp", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    wait_until(page, "done", 2)
    begin_part(page)
    page.keyboard.press("Escape")
    assert page.locator("#list li").count() == 2


SMALL_PRINT = [f"Small print, row {row} of 3" for row in range(3)]
# At 200 dots per inch larger than the pictures that come with pages.
LARGE_PAGE = PdfPageSpec([(row, 60, 800 - 40 * place) for place, row in enumerate(SMALL_PRINT)], None, 620, 880, 0, 9)


def sides(page):
    page.wait_for_function("() => document.querySelector('#sheet img')?.complete")
    return page.locator("#sheet img").evaluate("image => [image.naturalWidth, image.naturalHeight]")


def test_a_page_that_the_server_draws_is_turned_and_read_as_large_as_it_was_read(page):
    choose(page, file(pdf([PdfPageSpec([("cover", 40, 100)]), LARGE_PAGE]), "two.pdf", "application/pdf"))
    wait_until(page, "done")
    page.get_by_role("button", name="Next page").click()
    assert max(sides(page)) == 1600
    for _ in range(2):
        page.get_by_role("button", name="Rotate right and read again").click()
        wait_until(page, "done")
        assert sorted(sides(page)) == pytest.approx([620 * 200 / 72, 880 * 200 / 72], abs=1)
    for _ in range(2):
        page.get_by_role("button", name="Rotate left and read again").click()
        wait_until(page, "done")
    assert words(texts(page)) == words(SMALL_PRINT)
    # A file of that page is as large as the page was.
    _, data = saved_bytes(page, "pdf", "page")
    with pdfium.PdfDocument(data) as document:
        assert document[0].get_size() == pytest.approx((620, 880), abs=1)


def test_a_part_of_a_page_that_the_server_draws_is_as_large_as_it_was_read(page):
    choose(page, file(pdf([LARGE_PAGE]), "one.pdf", "application/pdf"))
    wait_until(page, "done")
    box = page.locator("#sheet").bounding_box()
    begin_part(page)
    page.mouse.move(box["x"] + 1, box["y"] + 0.05 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 0.25 * box["height"], steps=4)
    page.mouse.up()
    wait_until(page, "done", 2)
    assert sides(page)[0] == pytest.approx(620 * 200 / 72, rel=0.03)
    assert words(texts(page)) == words(SMALL_PRINT)


def touch(network, kind, *fingers):
    network.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in fingers]})


def test_two_fingers_zoom_and_drag_the_picture(open_page):
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True)
    read(page, encoded(UPRIGHT))
    page.locator("#frame").scroll_into_view_if_needed()
    before, frame = page.locator("#sheet").bounding_box(), page.locator("#frame").bounding_box()
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    network = page.context.new_cdp_session(page)
    touch(network, "touchStart", (x - 20, y))
    touch(network, "touchStart", (x - 20, y), (x + 20, y))
    for apart in (30, 45, 60):
        touch(network, "touchMove", (x - apart, y), (x + apart, y))
    spread = page.locator("#sheet").bounding_box()
    assert spread["width"] == pytest.approx(3 * before["width"], rel=0.02)
    # What was between the fingers still is.
    assert (x - spread["x"]) / spread["width"] == pytest.approx((x - before["x"]) / before["width"], abs=0.02)
    touch(network, "touchMove", (x - 100, y), (x + 20, y))
    moved = page.locator("#sheet").bounding_box()
    assert moved["width"] == pytest.approx(spread["width"], rel=0.02)
    assert moved["x"] == pytest.approx(spread["x"] - 40, abs=2)
    touch(network, "touchMove", (x - 60, y), (x - 20, y))
    assert page.locator("#sheet").bounding_box()["width"] == pytest.approx(before["width"], rel=0.02)
    touch(network, "touchEnd")
    assert page.evaluate("visualViewport.scale") == 1


def test_a_second_tap_next_to_the_text_zooms_and_the_next_one_fits_again(open_page):
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True)
    read(page, encoded(UPRIGHT))
    before = page.locator("#sheet").bounding_box()["width"]
    page.locator("#sheet").dblclick(position={"x": before * 0.9, "y": 12})
    assert page.locator("#sheet").bounding_box()["width"] == pytest.approx(2.5 * before, rel=0.01)
    page.locator("#frame").dblclick(position={"x": 12, "y": 12})
    assert page.locator("#sheet").bounding_box()["width"] == pytest.approx(before, rel=0.01)


@pytest.mark.parametrize("pages", [1, 2])
def test_the_picture_stays_in_view_on_a_phone_while_lines_are_gone_through(open_page, pages):
    page = open_page(viewport={"width": 390, "height": 700}, has_touch=True)
    if pages == 1:
        read(page, dense())
    else:
        rows = [(f"Row {row} of many", 40, 800 - 20 * row) for row in range(40)]
        choose(page, file(pdf([PdfPageSpec(rows, None, 620, 880, 0, 12)] * pages), "two.pdf", "application/pdf"))
        wait_until(page, "done")
    page.focus("#lines li:first-child textarea")
    for _ in range(38):
        page.keyboard.press("Enter")
    frame, field = page.locator("#frame").bounding_box(), page.locator("#lines textarea:focus").bounding_box()
    # What stands above it, however high that is, makes room.
    assert frame["y"] == pytest.approx(8, abs=2)
    assert frame["y"] < frame["y"] + frame["height"] <= field["y"] < field["y"] + field["height"] <= 700
