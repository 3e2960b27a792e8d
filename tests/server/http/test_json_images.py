"""JSON bodies taken apart: images in base64 as encoders write it, and what is none."""

import base64
import json
import random
import tracemalloc

import pytest

from edgeocr.model.errors import InvalidInput
from edgeocr.server.http.bodies.json_images import parse

SMALL = b"an image"
LARGE = random.Random(1).randbytes(1_000_001)
TEXT = base64.b64encode(LARGE).decode()


def images(body):
    """The options and the decoded images."""
    options, found = parse(body if isinstance(body, bytes) else json.dumps(body).encode())
    return options, [b"".join(image.pieces()) for image in found]


def escaped(text, *characters):
    for character in characters:
        text = text.replace(character, f"\\u{ord(character):04X}")
    return f'{{"image": "{text}"}}'.encode()


@pytest.mark.parametrize(
    "body",
    [
        {"image": TEXT},
        {"image": f"data:image/png;base64,{TEXT}"},
        {"image": base64.encodebytes(LARGE).decode()},
        {"image": base64.encodebytes(LARGE).decode().replace("\n", "\r\n")},
        {"image": " ".join(TEXT)},
        escaped(TEXT, "+", "="),
        escaped(TEXT.replace("/", r"\/")),
        escaped(TEXT, "A", "/"),
    ],
    ids=["plain", "data URL", "lines", "lines with returns", "blanks", "plus and equals", "slashes", "letters"],
)
def test_an_image_is_decoded_as_encoders_write_it(body):
    assert images(body) == ({}, [LARGE])


def test_images_of_any_size_arrive_in_their_order_next_to_options():
    texts = [base64.b64encode(data).decode() for data in (SMALL, LARGE, b"", SMALL)]
    options = {"mode": "line", "timeout": 1.5, "characters": True, "password": 'a "word" \\' + "ä" * 900}
    assert images({"image": texts, **options}) == (options, [SMALL, LARGE, b"", SMALL])


@pytest.mark.parametrize("place", range(-9, 9))
def test_an_escape_may_stand_where_a_piece_ends(place):
    cut = 256 * 1024 + place
    text = TEXT[:cut] + f"\\u{ord(TEXT[cut]):04x}" + TEXT[cut + 1 :]
    assert images(f'{{"image": "{text}"}}'.encode()) == ({}, [LARGE])


@pytest.mark.parametrize(
    "text",
    [
        # It ends where a piece does, and goes on.
        "QUJD" * (256 * 1024 // 4 - 1) + "QQ==" + "QUJD",
        *("%%%", "QUJ", "QUJD=", "=", "QQ==QQ==", "data:" + "A" * 1000 + "%"),
        *(TEXT + "QQ==", TEXT[:-1], f"{TEXT[:700_000]}é{TEXT[700_000:]}", f"{TEXT[:-4]}QQ=={'QUJD' * 100_000}"),
    ],
)
def test_what_is_no_base64_is_refused_with_its_place(text):
    with pytest.raises(InvalidInput, match=r"^image\[1\]: is neither base64 nor a data: URL of it"):
        images({"image": ["QUJD", text]})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b'{"image": "\xff"}',
        b'{"image": "QUJD',
        f'{{"image": "{TEXT}'.encode()[:900],
        b'{"image": "QUJD\\',
        f'{{"image": "{TEXT}" "QUJD"}}'.encode(),
        f'"{TEXT}": {{}}'.encode(),
    ],
)
def test_what_is_no_json_is_refused(body):
    with pytest.raises(InvalidInput, match=r"^body: is not JSON"):
        parse(body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[]", "body: must be a JSON object"),
        (f'"{TEXT}"'.encode(), "body: must be a JSON object"),
        (b"{}", "image: must be an image in base64, or a list of images"),
        (b'{"image": []}', "image: must be an image in base64, or a list of images"),
        (b'{"image": [1]}', "image[0]: is neither base64"),
        (b'{"image": "' + b"," * 9000 + b'", "a": [' + b"0," * 8192 + b"0]}", "body: may have 8192 commas"),
        (b'""' * 1_000_000, "body: may have 32768 quotes"),
        (b'"' + b'\\"' * 1_000_000 + b'"', "body: may have 32768 quotes"),
        (b" " * 2_000_000, "body: may have 1048576 bytes besides its images"),
        (b"1" * 2_000_000, "body: may have 1048576 bytes besides its images"),
    ],
)
def test_a_body_of_another_shape_is_refused_for_it(body, words):
    with pytest.raises(InvalidInput) as error:
        parse(body)
    assert str(error.value).startswith(words)


def test_backslashes_before_a_quote_end_a_text_or_do_not():
    for count in range(6):
        text = "\\" * count + '"'
        assert parse(json.dumps({"password": text * 300, "image": "QUJD"}).encode())[0] == {"password": text * 300}
    with pytest.raises(InvalidInput, match=r"^image\[0\]"):
        images(b'{"image": "' + b"\\" * 1_000_000 + b'"}')


@pytest.mark.parametrize("text", [TEXT, " ".join(TEXT)], ids=["plain", "blanks"])
def test_besides_the_body_only_pieces_take_memory(text):
    body = json.dumps({"image": text}).encode()
    tracemalloc.start()
    try:
        _, (image,) = parse(body)
        assert sum(map(len, image.pieces())) == len(LARGE)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 1_300_000, "a few pieces, and no text of it all"
