"""Icons: the picture that is taken of several, and lists that lie."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files.headers.header import read_header
from edgeocr.model.files.headers.values import BadHeader
from edgeocr.model.files.image import EncodedImage, decode

PICTURE = Image.fromarray(np.random.default_rng(4).integers(0, 256, (64, 64, 3), np.uint8)).resize((128, 128))


def saved(*sides, **options):
    file = io.BytesIO()
    PICTURE.convert("RGBA").save(file, "ico", sizes=[(side, side) for side in sides], **options)
    return file.getvalue()


@pytest.mark.parametrize("form", ["png", "bmp"])
@pytest.mark.parametrize("sides", [(128,), (16, 128, 48), (128, 32)])
def test_the_largest_picture_is_read(form, sides):
    data = saved(*sides, bitmap_format=form)
    header = read_header(data)
    assert (header.width, header.height, header.opens_apart) == (128, 128, True)
    assert np.array_equal(decode(EncodedImage(data)).pixels, np.asarray(PICTURE)[:, :, ::-1])


@pytest.mark.parametrize("form", ["png", "bmp"])
def test_a_picture_of_another_size_than_the_list_says_is_refused(form):
    data = bytearray(saved(64, bitmap_format=form))
    place = data.index(b"IHDR") + 4 if form == "png" else 22 + 4
    struct.pack_into(">I" if form == "png" else "<i", data, place, 1 << 30)
    with pytest.raises(BadHeader):
        read_header(bytes(data))


@pytest.mark.parametrize("count", [0, 2, 257, 65535])
def test_counts_that_lie_are_refused(count):
    data = bytearray(saved(64))
    struct.pack_into("<H", data, 4, count)
    with pytest.raises((BadHeader, InvalidInput)):
        read_header(bytes(data[: 22 + 30 * (count < 3)]))


@pytest.mark.parametrize("offset", [0, 6, 1 << 20, 2**32 - 1])
def test_a_place_behind_the_end_or_in_the_list_is_refused(offset):
    data = bytearray(saved(64))
    struct.pack_into("<I", data, 18, offset)
    with pytest.raises(BadHeader):
        read_header(bytes(data))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_file_that_is_cut_off_is_damaged(share):
    data = saved(64, bitmap_format="bmp")
    with pytest.raises(InvalidInput):
        decode(EncodedImage(data[: int(len(data) * share)]))
