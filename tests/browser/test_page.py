"""The page for everybody: languages, small screens, keyboards, screen readers; and what it loads."""

import re
from importlib.resources import files

import pytest

from tests.browser.acts import SHEET, choose, file, texts, wait_until
from tests.browser.conftest import MISSING

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
    assert page.get_by_role("heading", name="图片").is_visible()
    choose(page, file(SHEET))
    wait_until(page, "done")
    assert re.fullmatch(r"3 行，用时 [\d.]+ 秒", page.locator("#list .state").inner_text())
    page.select_option("#language", "en")
    assert page.get_by_role("heading", name="Images").is_visible()
    assert re.fullmatch(r"3 lines in [\d.]+ s", page.locator("#list .state").inner_text())
    assert page.get_by_role("button", name="Save as CSV").is_visible()
    page.reload()
    assert page.locator("html").get_attribute("lang") == "en"


def test_both_languages_have_every_word():
    text = files("edgeocr.server.http").joinpath("page/i18n.js").read_text()
    english, chinese = (set(re.findall(r"(\w+): \"", part)) for part in text.split("zh: {")[0:2])
    assert english == chinese
    marked = files("edgeocr.server.http").joinpath("page/index.html").read_text()
    assert set(re.findall(r'data-(?:word|label)="(\w+)"', marked)) <= english


@pytest.mark.parametrize("size", SIZES)
def test_nothing_sticks_out_at_any_size(open_page, size):
    page = open_page(**viewport(size))
    read(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in page.locator("button:visible, .button:visible").all():
        box = button.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= SIZES[size][0]
    assert page.locator("#photograph").is_visible() == (size == "phone")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_serious(open_page, scheme, size):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason=MISSING).Axe()
    # axe runs as a script of its own, which the policy would refuse.
    page = open_page(**viewport(size), color_scheme=scheme, bypass_csp=True)
    for state in ("empty", "read"):
        if state == "read":
            read(page)
        found = axe.run(page).response["violations"]
        serious = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]
        assert serious == [], state


def test_everything_can_be_done_with_the_keyboard_alone(page):
    choose(page, file(SHEET))
    wait_until(page, "done")
    reached = set()
    here = "(one => one.id || one.dataset.format || one.className || one.tagName)(document.activeElement)"
    page.locator("body").press("Tab")
    for _ in range(40):
        reached.add(page.evaluate(here))
        page.keyboard.press("Tab")
    assert {"language", "files", "name", "remove", "larger", "frame", "copy", "CSV", "SUMMARY", "TEXTAREA"} <= reached
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
