"""Takes the guide's pictures of the page, at three sizes: `python -m tests.browser.pictures.guide docs/pictures`."""

import argparse
import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.acts import choose, file, wait_until
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.serving import ServerProcess

SAMPLES = Path("docs/samples")
ROWS = (
    "Harbour Stationery",
    "Dear customer,",
    "your order of 3 March has left us.",
    "It should be with you on Friday.",
)
LETTER = pdf(
    [
        PdfPageSpec([(row, 60, 540 - 40 * place) for place, row in enumerate(ROWS)], width=460, height=620, size=20),
        PdfPageSpec([("Page two", 60, 540)], width=460, height=620),
    ]
)


def desktop(page: Page) -> None:
    choose(page, *(SAMPLES / name for name in ("receipt.png", "notice.jpg")))
    wait_until(page, "done", 2)
    page.click("#status summary")
    page.locator("#figures meter").wait_for()
    page.hover("#lines li:nth-child(3)")


def tablet(page: Page) -> None:
    choose(page, file(LETTER, "letter.pdf", "application/pdf"), file(b"words", "words.txt", "text/plain"))
    wait_until(page, "done")
    wait_until(page, "failed")
    page.click("#options summary")
    page.hover("#lines li:nth-child(2)")


def phone(page: Page) -> None:
    choose(page, SAMPLES / "notice.jpg")
    wait_until(page, "done")
    page.focus("#lines li:nth-child(3) textarea")
    page.evaluate("scrollTo(0, 0)")


PICTURES = {
    "page-desktop": (desktop, {"viewport": {"width": 1360, "height": 800}, "locale": "en-GB"}),
    "page-tablet": (tablet, {"viewport": {"width": 820, "height": 1180}, "locale": "en-GB", "color_scheme": "dark"}),
    "page-phone": (
        phone,
        {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN", "has_touch": True, "device_scale_factor": 2},
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    with ServerProcess("--http", "127.0.0.1:0") as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (act, options) in PICTURES.items():
            page = browser.new_context(**options).new_page()
            page.goto(f"{server.http}/")
            act(page)
            taken = page.screenshot(full_page=name != "page-desktop")
            Image.open(io.BytesIO(taken)).save(folder / f"{name}.webp", quality=80, method=6)
        browser.close()


if __name__ == "__main__":
    main()
