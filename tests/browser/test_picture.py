"""The picture: its text is selected and edited there; it is moved, turned, and read in part."""

import numpy as np

from tests.browser.acts import SHEET, choose, file, texts, wait_until, words
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


def test_boxes_are_shown_where_they_are_wanted(page):
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


def test_a_part_of_a_page_is_read_alone(page):
    read(page, encoded(UPRIGHT))
    box = page.locator("#sheet").bounding_box()
    scale = box["width"] / 500
    page.get_by_role("button", name="Read a part of the image").click()
    page.mouse.move(box["x"] + 10 * scale, box["y"] + 95 * scale)
    page.mouse.down()
    page.mouse.move(box["x"] + 480 * scale, box["y"] + 150 * scale, steps=4)
    page.mouse.up()
    wait_until(page, "done", 2)
    assert page.inner_text("#picture-name") == "sheet, part 1.png"
    assert words(texts(page)) == words(ROWS[1:2])


def test_a_part_is_chosen_by_keys(page):
    read(page, encoded(UPRIGHT))
    page.get_by_role("button", name="Read a part of the image").click()
    for key in ("ArrowUp", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    wait_until(page, "done", 2)
    page.get_by_role("button", name="Read a part of the image").click()
    page.keyboard.press("Escape")
    assert page.locator("#list li").count() == 2
