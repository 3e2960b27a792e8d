"""What is sent in the tests of the REST call, and what comes back."""

import json

from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded, line, page

HELLO = encoded(line("hello there"))
PAGE = encoded(page([("first line", (40, 40)), ("第二行", (40, 120))], 400, 200))
PDF = pdf([PdfPageSpec([("one", 40, 100)]), PdfPageSpec([("two", 40, 100)])])


def squeezed(texts):
    return [text.replace(" ", "") for text in texts]


def files(*images):
    return [("image", (f"{place}.png", data, "image/png")) for place, data in enumerate(images)]


def events(answer):
    """Server-sent events as (kind, data) pairs."""
    blocks = [block.split("\n") for block in answer.text.strip().split("\n\n")]
    return [(kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for kind, data in blocks]
