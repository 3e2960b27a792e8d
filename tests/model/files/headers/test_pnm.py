"""PBM, PGM and PPM of every kind, with headers that lie."""

import io

import numpy as np
import pytest
from PIL import Image

from edgeocr.model.errors import InvalidInput, TooLarge
from edgeocr.model.files.headers.header import read_header
from edgeocr.model.files.headers.values import BadHeader
from edgeocr.model.files.image import EncodedImage, decode, inspect
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from tests.support.rendering import line

PICTURE = line("PNM 格式", margin=10)
HEIGHT, WIDTH = PICTURE.shape[:2]
GREY = np.asarray(Image.fromarray(PICTURE).convert("L"))
COLOURS = PICTURE[:, :, ::-1]


def plain(kind, values, white=None):
    rows = "\n".join(" ".join(map(str, row)) for row in values.reshape(HEIGHT, -1).tolist())
    sizes = f"{kind} # made here\n{WIDTH}\n# a row of remarks\n {HEIGHT}\n"
    return f"{sizes}{'' if white is None else white}\n{rows}\n".encode()


def binary(kind, values, white):
    return f"{kind}\n{WIDTH} {HEIGHT}\n{white}\n".encode() + values.tobytes()


def bitmap():
    file = io.BytesIO()
    Image.fromarray(GREY).point(lambda value: 255 * (value > 127), "1").save(file, "ppm")
    return file.getvalue()


BLACK_AND_WHITE = np.where(GREY > 127, 255, 0)
FILES = {
    "P1": (plain("P1", 1 * (GREY <= 127)), BLACK_AND_WHITE),
    "P2": (plain("P2", GREY, 255), GREY),
    "P2 of 16 bits": (plain("P2", GREY.astype(int) * 257, 65535), GREY),
    "P3": (plain("P3", COLOURS, 255), PICTURE),
    "P4": (bitmap(), BLACK_AND_WHITE),
    "P5": (binary("P5", GREY, 255), GREY),
    "P5 of 16 bits": (binary("P5", GREY.astype(">u2") * 257, 65535), GREY),
    "P5 of 10 bits": (binary("P5", (GREY.astype(">u2") * 4 + (GREY >> 6)).astype(">u2"), 1023), GREY),
    "P6": (binary("P6", COLOURS, 255), PICTURE),
    "P6 of 16 bits": (binary("P6", COLOURS.astype(">u2") * 257, 65535), PICTURE),
}


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_comes_out_as_it_was(kind):
    data, expected = FILES[kind]
    header = read_header(data)
    assert (header.width, header.height, header.opens_apart) == (WIDTH, HEIGHT, True)
    expected = expected[:, :, np.newaxis] if expected.ndim == 2 else expected
    assert np.abs(decode(EncodedImage(data)).pixels.astype(int) - expected).max() <= (1 if "10 bits" in kind else 0)


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_cut_off_is_damaged(kind):
    data, _ = FILES[kind]
    with pytest.raises(InvalidInput, match="damaged or truncated"):
        decode(EncodedImage(data[: len(data) // 2]))


@pytest.mark.parametrize("kind", ["P1", "P3", "P4", "P5", "P6"])
def test_a_huge_size_is_refused_before_decoding(kind):
    data = f"{kind} 1000000000 1000000000 255\n".encode()
    with pytest.raises(TooLarge, match="image_pixels"):
        inspect(EncodedImage(data), Mode.PAGE, Limits())


@pytest.mark.parametrize(
    "head",
    [
        b"P5 ",
        b"P5 9",
        b"P5 9 9",
        b"P5 -9 9 255\n",
        b"P5 9 9 0\n",
        b"P5 9 9 65536\n",
        b"P5 99999999999 9 255\n",
        b"P6\n#" + bytes(1 << 17) + b"\n9 9 255\n",
    ],
)
def test_headers_out_of_the_ordinary_are_refused(head):
    with pytest.raises(BadHeader):
        read_header(head)


@pytest.mark.parametrize("head", [b"P7\nWIDTH 9\n", b"P55 9 9 255\n", b"PDF", b"P5"])
def test_what_begins_otherwise_is_of_another_format(head):
    assert read_header(head) is None


def test_numbers_that_are_converted_one_by_one_take_more():
    costs = [read_header(FILES[kind][0]).pixel_bytes for kind in ("P5", "P5 of 16 bits", "P6", "P3")]
    assert costs == sorted(costs)
    assert read_header(FILES["P5 of 10 bits"][0]).pixel_bytes > 2 * costs[1]
