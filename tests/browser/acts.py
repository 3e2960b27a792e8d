"""What people do on the page, and what they see there."""

import base64
import json

import httpx

from tests.support.rendering import encoded
from tests.support.rendering import page as rendered

TEXTS = ["first line", "second line", "third line"]
SHEET = encoded(rendered([(text, (40, 40 + 60 * place)) for place, text in enumerate(TEXTS)], 400, 240))
DENSE_TEXTS = [f"Line number {number} of the many on this page" for number in range(10, 50)]


def dense():
    """A page that takes a while."""
    return encoded(rendered([(text, (60, 30 + 48 * place)) for place, text in enumerate(DENSE_TEXTS)], 1200, 2000, 30))


def file(data, name="sheet.png", media_type="image/png"):
    return {"name": name, "mimeType": media_type, "buffer": data}


def choose(page, *files):
    page.set_input_files("#files", list(files))


def wait_until(page, state, count=1):
    page.locator(f"#list li[data-state={state}]").nth(count - 1).wait_for()


def texts(page):
    return page.locator("#lines textarea").evaluate_all("fields => fields.map(field => field.value)")


def words(strings):
    """Texts without the spaces, of which the recogniser has its own opinion."""
    return [text.replace(" ", "") for text in strings]


def give(page, kind, data, name, media_type):
    """Drops or pastes a file, as the browser tells the page of it."""
    page.evaluate(
        """([kind, data, name, type]) => {
            const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
            const carried = new DataTransfer();
            carried.items.add(new File([bytes], name, { type }));
            const event = kind === "paste"
                ? new ClipboardEvent(kind, { clipboardData: carried, bubbles: true, cancelable: true })
                : new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true });
            document.body.dispatchEvent(event);
        }""",
        [kind, base64.b64encode(data).decode(), name, media_type],
    )


def saved_bytes(page, suffix, scope="file"):
    """What is saved in a form: its name, and its bytes."""
    page.select_option("#scope", scope)
    page.select_option("#format", suffix)
    with page.expect_download() as begun:
        page.click("#save")
    return begun.value.suggested_filename, begun.value.path().read_bytes()


def saved(page, suffix, scope="file"):
    """What is saved in a form: its name, and its text as written."""
    name, data = saved_bytes(page, suffix, scope)
    return name, data.decode("utf-8")


def answer(server, data, name="sheet.png"):
    return httpx.post(f"{server.http}/api/ocr", files=[("image", (name, data))], timeout=60).json()


def lit(page):
    """Which line is lit in the list, and which box, from 0."""
    marked = (
        """all => all.map((one, place) => one.classList.contains("lit") ? place : -1).filter(place => place >= 0)"""
    )
    return page.locator("#lines li").evaluate_all(marked), page.locator("#sheet .box").evaluate_all(marked)


def darkest_under_boxes(page):
    """The darkest value, 0 to 255, of the picture under each line's text: below 100 there is ink."""
    page.wait_for_function("() => document.querySelector('#sheet img')?.complete")
    return page.evaluate(
        """() => {
            const image = document.querySelector("#sheet img"), sheet = image.getBoundingClientRect();
            const scale = image.naturalWidth / sheet.width;
            const drawing = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext("2d");
            drawing.drawImage(image, 0, 0);
            return [...document.querySelectorAll("#sheet .glyphs")].map(box => {
                const { x, y, width, height } = box.getBoundingClientRect();
                const sides = [x - sheet.x, y - sheet.y, width, height].map(side => side * scale);
                return Math.min(...drawing.getImageData(...sides).data.filter((_, place) => place % 4 === 0));
            });
        }"""
    )


def fake_events(*events):
    """A body of server-sent events."""
    return "".join(f"event: {kind}\ndata: {json.dumps(data)}\n\n" for kind, data in events)
