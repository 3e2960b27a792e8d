"""What axe says of the page, and where the tab key leads, in Chromium and in Firefox."""

from importlib.resources import files

import pytest

from tests.browser.conftest import MISSING
from tests.browser.sessions import drawer
from tests.browser.sessions.driving import BROWSERS, driven

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("browser_name", BROWSERS)
def test_axe_finds_nothing_and_every_part_is_reached_by_keys(browser_name, theme, server, tmp_path):
    pytest.importorskip("axe_playwright_python", reason=MISSING)
    axe, out = files("axe_playwright_python") / "axe.min.js", tmp_path / "found.json"
    scans = [tmp_path / "blurred.png", tmp_path / "words.txt"]
    drawer.blurred(100).save(scans[0])
    scans[1].write_text("just words")
    seen = driven("accessible.mjs", browser_name, server.http, theme, axe, out, *scans, out=out)
    assert seen["isDark"] == (theme == "dark")
    assert seen["found"] == []
    assert "button-name" in {one["id"] for one in seen["control"]}
    expected = [
        "skip",
        "search",
        "language",
        "files",
        "name",
        "remove",
        "larger",
        "crop",
        "frame",
        "lines",
        "copy",
        "save",
    ]
    expected += ["doubt-after", "reviewed", "TEXTAREA", "SUMMARY", "keep"]
    places = [seen["stops"].index(one) for one in expected]
    assert places == sorted(places)
