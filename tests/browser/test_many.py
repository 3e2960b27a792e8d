"""Many files: what can be done with all of them, what waits, and what is kept where that is wanted."""

from tests.browser.acts import SHEET, choose, fake_events, file, texts, wait_until, words


def test_all_are_stopped_tried_again_and_cleared_at_once(page):
    page.route("**/api/ocr*", lambda _: None)
    choose(page, *(file(SHEET, f"{number}.png") for number in range(5)))
    page.get_by_text("Waiting, 2 files before it").wait_for()
    page.click("#stop-all")
    wait_until(page, "stopped", 5)
    page.unroute("**/api/ocr*")
    page.click("#retry")
    wait_until(page, "done", 5)
    assert page.inner_text("#totals") == "5 of 5 read · 15 lines"
    page.click("#clear-all")
    assert page.locator("#list li").count() == 0
    assert page.locator("#samples").is_visible()


def test_the_failed_ones_can_be_seen_alone(page):
    choose(page, file(b"words", "words.txt", "text/plain"), file(SHEET))
    wait_until(page, "done")
    wait_until(page, "failed")
    page.check("#only-failed")
    assert [row.is_visible() for row in page.locator("#list li").all()] == [True, False]


def test_the_place_in_the_servers_queue_is_said(page):
    events = fake_events(("queued", {"image": 0, "ahead": 3}))
    said = []
    page.expose_function("note", lambda text: said.append(text))
    page.evaluate(
        "() => new MutationObserver(() => note(document.querySelector('#list .state')?.textContent)).observe("
        "document.querySelector('#list'), { subtree: true, childList: true, characterData: true })"
    )
    page.route("**/api/ocr*", lambda route: route.fulfill(body=events, content_type="text/event-stream"))
    choose(page, file(SHEET))
    wait_until(page, "failed")
    assert "Queued, 3 images before it" in said


def test_a_sample_is_read_by_one_click(page):
    page.get_by_role("button", name="Table").click()
    wait_until(page, "done")
    page.click("[data-view=table]")
    assert page.get_by_label("Row 2, column 1").input_value() == "Notebook, ruled"


def test_what_was_read_and_edited_is_there_again_only_where_it_is_to_be_kept(page):
    choose(page, file(SHEET))
    wait_until(page, "done")
    page.check("#keep")
    page.locator("#lines textarea").first.fill("edited")
    page.wait_for_timeout(900)
    page.reload()
    wait_until(page, "done")
    assert texts(page)[0] == "edited"
    assert page.locator("#sheet img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 400
    page.locator("#lines textarea").first.focus()
    page.keyboard.press("Escape")
    assert words(texts(page)[:1]) == ["firstline"]
    page.uncheck("#keep")
    page.get_by_text("Nothing is kept on this device any more.").wait_for(state="attached")
    page.reload()
    page.locator("#samples").wait_for()
    assert page.evaluate("indexedDB.databases()") == []
