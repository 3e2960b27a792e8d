"""What cannot be read is said, and what is hostile is shown and never run."""

import io
import json
import re

import pytest
from PIL import Image

from tests.browser.acts import SHEET, TEXTS, choose, fake_events, file, texts, wait_until, words
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.serving import ServerProcess, eventually

HOSTILE = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"


def state(page):
    return page.locator("#list li .state").first.inner_text()


def problem(status, **fields):
    body = {"title": "", "status": status, "detail": "said by the server", **fields}
    return {"status": status, "body": json.dumps(body), "content_type": "application/problem+json"}


def test_a_wrong_type_and_a_damaged_file_are_distinguished(page):
    choose(page, file(b"just words", "words.txt", "text/plain"), file(SHEET[:200], "half.png"), file(SHEET))
    wait_until(page, "failed", 2)
    wait_until(page, "done")
    said = page.locator("#list .state").all_inner_texts()
    assert said[0].startswith("This is not an image or a PDF file. Choose a JPEG, PNG,")
    assert said[1].startswith("This file is damaged or incomplete. Get a new copy of it")
    assert said[2].startswith("3 lines")


def test_a_file_that_is_too_large_is_refused_with_the_limit(weights, open_page):
    with ServerProcess("--http", "127.0.0.1:0", "--image-bytes", "1MiB", "--file-bytes", "1MiB") as server:
        page = open_page(server.http)
        choose(page, file(SHEET + bytes(2_000_000), "huge.png"))
        wait_until(page, "failed")
        assert re.match(r"This is too much: [\d.]+ MB, and the server takes up to 1\.0 MB\. Send less", state(page))
        assert "file_bytes" in state(page)
        choose(page, file(SHEET))
        wait_until(page, "done")


def test_an_image_of_too_many_pixels_is_to_be_scaled_down(open_page, server):
    data = io.BytesIO()
    Image.new("1", (12_000, 9000), 1).save(data, "PNG")
    for locale, said in (("en-GB", "108.0 megapixels"), ("zh-CN", "108.0 百万像素")):
        page = open_page(locale=locale)
        choose(page, file(data.getvalue(), "poster.png"))
        wait_until(page, "failed")
        assert said in state(page)
        assert "image_pixels" in state(page)
        assert re.search("Scale it down|请缩小图片", state(page))


def test_a_name_that_turns_text_around_is_shown_as_it_is(page):
    choose(page, file(SHEET, "a\u202egnp.exe"))
    wait_until(page, "done")
    assert page.locator("#list .name").inner_text() == "agnp.exe"
    assert page.inner_text("#picture-name") == "agnp.exe"


def test_a_password_is_asked_for_and_opens_the_file(page):
    choose(page, file(pdf([PdfPageSpec([("secret", 40, 100)])], "open"), "locked.pdf", "application/pdf"))
    wait_until(page, "failed")
    assert state(page) == "This file is protected. Enter its password."
    page.get_by_label("Password of locked.pdf").fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_text("This password does not open the file.").first.wait_for()
    page.get_by_label("Password of locked.pdf").fill("open")
    page.get_by_role("button", name="Unlock").click()
    wait_until(page, "done")
    assert texts(page) == ["secret"]


def test_a_busy_server_is_asked_again_when_it_said(page):
    answers = [problem(429, retry_seconds=1.2, code="RESOURCE_EXHAUSTED", reason="queue_full")]

    def busy_once(route):
        if answers:
            route.fulfill(**answers.pop())
        else:
            route.continue_()

    page.route("**/api/ocr*", busy_once)
    choose(page, file(SHEET))
    wait_until(page, "busy")
    assert "The server is busy. Next try in" in state(page)
    wait_until(page, "done")
    assert words(texts(page)) == words(TEXTS)


@pytest.mark.parametrize("status", [400, 408, 418, 500, 503, 504])
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_every_refusal_is_a_sentence_in_the_language_that_is_spoken(open_page, status, locale):
    page = open_page(locale=locale)
    page.route(
        "**/api/ocr*", lambda route: route.fulfill(**problem(status, detail="pages: String should match '^[0-9]'"))
    )
    choose(page, file(SHEET))
    wait_until(page, "failed")
    assert state(page)[-1] == {"en-GB": ".", "zh-CN": "。"}[locale]
    assert not re.search(r"[\^\[\]]", state(page))
    assert locale == "en-GB" or not re.search(r"[a-z]{3}", state(page))
    assert page.inner_text("#no-text") == state(page)


def test_an_option_that_is_wrong_is_said_at_its_field_and_not_sent(page):
    page.click("#options summary")
    page.fill("#pages", "one")
    page.fill("#dpi", "9")
    sent = []
    page.on("request", lambda request: sent.append(request) if "/api/ocr" in request.url else None)
    choose(page, file(SHEET))
    wait_until(page, "done")
    assert page.locator("#pages-wrong").inner_text().startswith("These pages do not exist.")
    assert page.locator("#dpi-wrong").inner_text() == "The resolution has to be between 36 and 1200 dpi."
    assert len(sent) == 1


def test_a_connection_that_breaks_is_said_to(page):
    page.route("**/api/ocr*", lambda route: route.abort())
    choose(page, file(SHEET))
    wait_until(page, "failed")
    assert state(page) == "The server cannot be reached. Check the connection, then try again."
    page.unroute("**/api/ocr*")
    events = fake_events(
        ("line", {"page": 0, "index": 0, "line": {"text": "a", "confidence": 1, "polygon": [[0, 0]] * 4}})
    )
    page.route("**/api/ocr*", lambda route: route.fulfill(body=events, content_type="text/event-stream"))
    page.get_by_role("button", name="Try again: sheet.png").click()
    page.get_by_text("The connection was lost before everything was read.").first.wait_for()
    assert texts(page) == ["a"]


def test_tags_in_texts_and_names_are_shown_and_never_run(page):
    line = {"text": HOSTILE, "confidence": 0.9, "polygon": [[10, 10], [90, 10], [90, 30], [10, 30]]}
    detected = {"index": 0, "width": 100, "height": 50, "lines": [line]}
    timings = {"total_seconds": 1}
    events = fake_events(
        ("line", {"image": 0, "page": 0, "index": 0, "line": line}),
        ("page", {"image": 0, "page": detected, "page_count": 1}),
        ("done", {"image": 0, "name": HOSTILE, "pages": [], "timings": timings}),
    )
    page.route("**/api/ocr*", lambda route: route.fulfill(body=events, content_type="text/event-stream"))
    choose(page, file(b"%PDF", HOSTILE, "application/pdf"))
    wait_until(page, "done")
    assert texts(page) == [HOSTILE]
    assert page.locator("#sheet .glyphs").text_content() == HOSTILE
    for view in ("paragraphs", "table", "markdown"):
        page.click(f"[data-view={view}]")
        page.locator("#reading").wait_for()
    assert page.locator("#list .name").inner_text() == HOSTILE
    assert page.title() == "edgeocr"
    assert page.locator("main img[src=x], main script").count() == 0


def test_an_upload_that_is_stopped_frees_what_it_held(page, server):
    eventually(lambda: server.metrics()["edgeocr_admitted_bytes[use=waiting]"] == 0)
    network = page.context.new_cdp_session(page)
    network.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 400_000},
    )
    network.send("Network.enable")
    choose(page, file(SHEET + bytes(4_000_000), "slow.png"))
    wait_until(page, "sending")
    page.get_by_role("button", name="Stop: slow.png").click()
    wait_until(page, "stopped")
    eventually(lambda: server.metrics()["edgeocr_admitted_bytes[use=waiting]"] == 0)
    assert server.metrics()["edgeocr_queue_length"] == 0


def test_a_server_with_tokens_asks_for_one(weights, open_page, tmp_path):
    token = "a-token-for-the-browser"
    (tmp_path / "tokens").write_text(token + "\n")
    (tmp_path / "tokens").chmod(0o600)
    with ServerProcess("--http", "127.0.0.1:0", "--tokens", str(tmp_path / "tokens")) as server:
        page = open_page(server.http)
        choose(page, file(SHEET))
        wait_until(page, "failed")
        assert state(page) == "An access token is needed. Enter it above."
        page.get_by_label("This server asks for an access token.").fill(token)
        page.get_by_role("button", name="Continue").click()
        wait_until(page, "done")
        assert words(texts(page)) == words(TEXTS)
