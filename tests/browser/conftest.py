"""A real browser before a real server; skipped, with a word why, where there is none."""

import shutil
from pathlib import Path

import pytest

from tests.support.serving import ServerProcess

MISSING = "needs edgeocr[browser], which `make web-check` installs"
FOREIGN = "foreign.example"
NAMES = ("chromium", "chromium-browser", "google-chrome")


# Not for the session: Playwright keeps an event loop running, beside which no test of other folders could have its own.
@pytest.fixture(scope="module")
def browser():
    driver = pytest.importorskip("playwright.sync_api", reason=MISSING)
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("needs Chromium: `apt-get install chromium`, or `make web-check` as root")
    with driver.sync_playwright() as playwright:
        # Chromium's sandbox needs more than containers give, and the page is our own.
        # And somebody has their own name point to this machine.
        arguments = ["--no-sandbox", f"--host-resolver-rules=MAP {FOREIGN} 127.0.0.1"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(weights):
    with ServerProcess("--http", "127.0.0.1:0") as running:
        yield running
    assert not any("Traceback" in row for row in running.log), "".join(running.log)


@pytest.fixture
def open_page(browser, server):
    """Opens the page; whatever its scripts complain of fails the test."""
    contexts, complaints = [], []

    def open_page(url=None, **options):
        options = {"viewport": {"width": 1360, "height": 820}, "locale": "en-GB", **options}
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.goto(f"{url or server.http}/")
        page.locator("body:not([aria-busy])").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page):
    return open_page()


def pytest_collection_modifyitems(items):
    """All in this folder start servers."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.slow)
