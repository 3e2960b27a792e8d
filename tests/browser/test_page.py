"""The page for everybody: languages, small screens, keyboards, screen readers; and what it loads."""

import re
from importlib.resources import files
from pathlib import Path

import httpx
import pytest

from tests.browser.acts import SHEET, choose, file, saved, texts, wait_until
from tests.support.serving import ServerProcess

SIZES = {"phone": (360, 740), "tablet": (820, 1100), "desktop": (1360, 820)}


def viewport(size):
    width, height = SIZES[size]
    return {"viewport": {"width": width, "height": height}, "has_touch": size == "phone"}


def read(page):
    choose(page, file(SHEET))
    wait_until(page, "done")
    for part in ("#options", "#status"):
        page.click(f"{part} summary")
    page.locator("#figures meter").wait_for()


def test_the_language_is_the_browsers_and_can_be_switched(open_page):
    page = open_page(locale="zh-CN")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_role("heading", name="文件").wait_for()
    choose(page, file(SHEET))
    wait_until(page, "done")
    assert page.locator("#list .state").inner_text() == "3 行"
    page.select_option("#language", "en")
    page.get_by_role("heading", name="Files").wait_for()
    assert page.locator("#list .state").inner_text() == "3 lines"
    assert page.get_by_role("button", name="Save").is_visible()
    page.reload()
    page.locator("html[lang=en] body:not([aria-busy])").wait_for()


def test_every_language_has_every_word():
    folder = files("edgeocr.server.http").joinpath("page")
    words = {
        path.name: set(re.findall(r"(\w+): \"", path.read_text())) for path in folder.joinpath("languages").iterdir()
    }
    english = {word for word in words["en.js"] if not word.endswith("One")}
    assert len(words) >= 2
    for name, known in words.items():
        assert english <= known, name
    marked = folder.joinpath("index.html").read_text()
    assert set(re.findall(r'data-(?:word|label|hint)="(\w+)"', marked)) <= english
    spoken = "".join(path.read_text() for path in Path(str(folder)).rglob("*.js"))
    assert set(re.findall(r'(?:say|count)\("(\w+)"', spoken)) <= english | words["en.js"]


def test_the_page_is_light(open_page):
    page = open_page()
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sent, asked = [], set()
    network.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
    page.on("request", lambda request: asked.add(request.url))
    page.reload()
    page.wait_for_load_state("networkidle")
    samples = {url for url in asked if "/page/samples/" in url}
    folder = Path(str(files("edgeocr.server.http"))) / "page/samples"
    assert len(samples) == len(list(folder.iterdir()))
    assert sum(sent) - sum(path.stat().st_size for path in folder.iterdir()) < 80_000
    assert sum(len(httpx.get(url).content) for url in asked - samples) < 120_000


def test_what_was_read_can_be_saved_once_the_server_is_gone(weights, open_page):
    with ServerProcess("--http", "127.0.0.1:0") as server:
        page = open_page(server.http)
        choose(page, file(SHEET))
        wait_until(page, "done")
        page.locator("#save:enabled").wait_for()
        page.wait_for_load_state("networkidle")
    assert "first" in saved(page, "txt")[1]
    assert "first" in saved(page, "csv")[1]


@pytest.mark.parametrize("size", SIZES)
def test_nothing_sticks_out_at_any_size(open_page, size):
    page = open_page(**viewport(size))
    # Before there are files, all stands in one column.
    shown = [page.locator(f".{name}").bounding_box() for name in ("input", "foot")]
    assert shown[0]["x"] == shown[1]["x"]
    assert shown[0]["width"] == shown[1]["width"]
    assert shown[0]["y"] + shown[0]["height"] < shown[1]["y"]
    read(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in page.locator("button:visible, .button:visible").all():
        box = button.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= SIZES[size][0]
    assert page.locator("#photograph").is_visible() == (size == "phone")


def test_everything_on_a_phone_is_large_enough_for_a_thumb(open_page):
    page = open_page(**viewport("phone"))
    choose(page, file(SHEET), file(b"words", "words.txt", "text/plain"))
    wait_until(page, "done")
    wait_until(page, "failed")
    page.click("#options summary")
    pressed = page.locator(
        "button:visible, .button:visible, select:visible, summary:visible, label.check:visible"
    ).all()
    assert len(pressed) > 25
    for one in pressed:
        assert one.bounding_box()["height"] >= 44, one.inner_text()


def test_everything_can_be_done_with_the_keyboard_alone(page):
    choose(page, file(SHEET))
    wait_until(page, "done")
    reached = set()
    here = "(one => one.id || one.dataset.view || one.className || one.tagName)(document.activeElement)"
    page.locator("body").press("Tab")
    for _ in range(50):
        reached.add(page.evaluate(here))
        page.keyboard.press("Tab")
    shown = {"search", "language", "files", "name", "remove", "larger", "crop", "frame", "markdown", "copy", "save"}
    assert shown | {"reviewed", "keep", "SUMMARY", "TEXTAREA"} <= reached
    page.focus("#lines li:first-child textarea")
    page.keyboard.press("ArrowUp")
    for _ in range(2):
        page.keyboard.press("End")
        page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.value") == texts(page)[2]


def test_nothing_comes_from_elsewhere_and_nothing_is_kept(open_page, server):
    page = open_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    choose(page, file(SHEET))
    wait_until(page, "done")
    assert {url for url in asked if not url.startswith((server.http, f"blob:{server.http}"))} == set()
    stored = page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    assert set(stored) <= {"edgeocr-language"}
    assert page.context.cookies() == []
    page.reload()
    assert page.locator("#list li").count() == 0
