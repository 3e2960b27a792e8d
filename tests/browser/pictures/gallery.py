"""Takes pictures of the page in every state, at every size, in both themes and languages, to be looked at:
`python -m tests.browser.pictures.gallery FOLDER [STATE ...]`."""

import argparse
import io
import math
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.acts import choose, file
from tests.browser.sessions import drawer
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded
from tests.support.rendering import page as rendered
from tests.support.serving import ServerProcess

SAMPLES = Path("server/http/page/samples")
SIZES = {"desktop": (1360, 820), "tablet": (820, 1180), "phone": (390, 844)}


def settled(page: Page) -> None:
    page.wait_for_function(
        """() => [...document.querySelectorAll("#list li")]
            .every(row => ["done", "failed"].includes(row.dataset.state))""",
        timeout=300_000,
    )


def empty(page: Page) -> None:
    page.wait_for_function("[...document.querySelectorAll('.samples img')].every(image => image.naturalWidth)")


def receipt(page: Page) -> None:
    choose(page, SAMPLES / "receipt.png")
    settled(page)
    page.click("#boxes")


def table(page: Page) -> None:
    choose(page, SAMPLES / "prices.png")
    settled(page)
    page.click("[data-view=table]")


def many(page: Page) -> None:
    with tempfile.TemporaryDirectory() as folder:
        drawer.fill(Path(folder))
        choose(page, *(file(path.read_bytes(), path.name, "") for path in sorted(Path(folder).iterdir())))
        settled(page)
    page.locator("#list .name").last.click()


def book(page: Page) -> None:
    rows = (
        "Chapter {}",
        "The harbour was empty by noon,",
        "and the boats lay on their sides.",
        "Nobody had seen the tide go.",
    )
    pages = [
        PdfPageSpec(
            [(row.format(number), 60, 540 - 50 * place) for place, row in enumerate(rows)], width=460, height=620
        )
        for number in range(1, 11)
    ]
    choose(page, file(pdf(pages), "ten-pages.pdf", "application/pdf"))
    page.locator("#strip button").nth(2).click()
    settled(page)


def turned(page: Page) -> None:
    upright = rendered([(f"A photo on its side, row {row}", (60, 60 + 70 * row)) for row in range(8)], 700, 660)
    choose(page, file(encoded(np.ascontiguousarray(np.rot90(upright))), "sideways.png"))
    settled(page)


def doubtful(page: Page) -> None:
    with tempfile.TemporaryDirectory() as folder:
        drawer.blurred(100).save(Path(folder) / "blurred.png")
        choose(page, Path(folder) / "blurred.png")
        settled(page)
    page.keyboard.press("F8")


def errors(page: Page) -> None:
    with tempfile.TemporaryDirectory() as folder:
        drawer.fill(Path(folder))
        choose(page, *(Path(folder) / name for name in (*sorted(drawer.BROKEN), "scan-01.png")))
        settled(page)
    page.locator("#list .name").first.click()


STATES: dict[str, Callable[[Page], None]] = {
    one.__name__: one for one in (empty, receipt, table, many, book, turned, doubtful, errors)
}


def take(browser: Browser, url: str, state: str, folder: Path) -> None:
    """Each size is a page of its own: whether there are fingers is known when it opens."""
    for size, (width, height) in SIZES.items():
        viewport: ViewportSize = {"width": width, "height": height}
        page = browser.new_context(locale="en-GB", has_touch=size != "desktop", viewport=viewport).new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{url}/")
        page.locator("body:not([aria-busy])").wait_for()
        STATES[state](page)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            for language in ("en", "zh"):
                page.select_option("#language", language)
                page.wait_for_timeout(250)
                screens(page).save(folder / f"{state}-{size}-{theme}-{language}.png")
        page.context.close()
        sheet(folder, state, size).save(folder / f"sheet-{state}-{size}.png")


def screens(page: Page) -> Image.Image:
    """The first screen, and below it the last one; a picture of the whole page would be one without fingers."""
    taken = []
    for place in (0, 100_000):
        page.evaluate("place => scrollTo(0, place)", place)
        if not taken or page.evaluate("scrollY") > 0:
            taken.append(Image.open(io.BytesIO(page.screenshot())))
    made = Image.new("RGB", (taken[0].width, sum(one.height + 8 for one in taken)), "magenta")
    for place, one in enumerate(taken):
        made.paste(one, (0, place * (one.height + 8)))
    return made


def sheet(folder: Path, state: str, size: str) -> Image.Image:
    """The four pictures of a state at a size, side by side."""
    taken = [Image.open(path) for path in sorted(folder.glob(f"{state}-{size}-*.png"))]
    columns = 2 if size == "desktop" else len(taken)
    rows = math.ceil(len(taken) / columns)
    width, height = max(one.width for one in taken), max(one.height for one in taken)
    made = Image.new("RGB", (columns * (width + 8), rows * (height + 8)), "magenta")
    for place, one in enumerate(taken):
        made.paste(one, (place % columns * (width + 8), place // columns * (height + 8)))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("states", nargs="*", metavar="STATE", help=", ".join(STATES))
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with ServerProcess("--http", "127.0.0.1:0") as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for state in arguments.states or STATES:
            take(browser, str(server.http), state, arguments.folder)
        browser.close()


if __name__ == "__main__":
    main()
