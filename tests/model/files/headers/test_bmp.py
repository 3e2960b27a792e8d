"""Bitmaps that are not plain rows of pixels: runs, and 16 bits that masks tell apart."""

import struct

import numpy as np
import pytest

from edgeocr.model.errors import InvalidInput, TooLarge
from edgeocr.model.files.headers.header import read_header
from edgeocr.model.files.image import EncodedImage, decode, inspect
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from tests.support.rendering import line

PICTURE = line("BMP 格式", margin=10)
HEIGHT, WIDTH = PICTURE.shape[:2]
GREY = PICTURE[:, :, 1]
RUNS, MASKS = 1, 3


def bmp(bits, compression, rows, masks=b"", colours=0, width=WIDTH, height=HEIGHT):
    palette = b"".join(bytes([value * 255 // (colours - 1)] * 3 + [0]) for value in range(colours))
    length = 40 + len(masks)
    head = struct.pack("<IiiHHIIiiII", length, width, height, 1, bits, compression, len(rows), 0, 0, colours, 0)
    head += masks + palette
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(rows), 0, 0, 14 + len(head)) + head + rows


def runs_of(row, multiple):
    """A row as runs, padded with black to a multiple of so many pixels, as some programs write it."""
    row = np.concatenate([row, np.zeros(-len(row) % multiple, row.dtype)]).tolist()
    out, begin = b"", 0
    while begin < len(row):
        end = begin
        while end < len(row) and row[end] == row[begin] and end - begin < 255:
            end += 1
        out += bytes([end - begin, row[begin]])
        begin = end
    return out + b"\0\0"


@pytest.mark.parametrize("multiple", [1, 4, 64])
def test_runs_are_rows_whether_or_not_these_are_padded(multiple):
    data = bmp(8, RUNS, b"".join(runs_of(row, multiple) for row in GREY[::-1]) + b"\0\1", colours=256)
    header = read_header(data)
    assert (header.width, header.height, header.opens_apart) == (WIDTH, HEIGHT, True)
    assert np.array_equal(decode(EncodedImage(data)).pixels, np.repeat(GREY[:, :, np.newaxis], 3, axis=2))


@pytest.mark.parametrize("rows", [b"", b"\0\0", b"\xff"])
def test_runs_that_are_cut_off_are_damaged(rows):
    with pytest.raises(InvalidInput, match="damaged or truncated"):
        decode(EncodedImage(bmp(8, RUNS, rows, colours=256)))


def test_a_huge_size_of_runs_is_refused_before_decoding():
    with pytest.raises(TooLarge, match="image_pixels"):
        inspect(EncodedImage(bmp(8, RUNS, b"\0\1", colours=256, width=2**30, height=2**30)), Mode.PAGE, Limits())


@pytest.mark.parametrize("length", [16, 68, 84])
@pytest.mark.parametrize("green_bits", [5, 6])
def test_sixteen_bits_are_distinguished_by_masks_in_the_header(length, green_bits):
    blue, green, red = (PICTURE[:, :, channel].astype(np.uint16) for channel in range(3))
    shift = 5 + green_bits
    pixels = (red >> 3) << shift | (green >> (8 - green_bits)) << 5 | blue >> 3
    rows = np.pad(pixels.astype("<u2"), ((0, 0), (0, WIDTH % 2)))[::-1].tobytes()
    masks = struct.pack("<III", 31 << shift, ((1 << green_bits) - 1) << 5, 31).ljust(length, b"\0")
    data = bmp(16, MASKS, rows, masks)
    assert read_header(data).opens_apart
    assert np.abs(decode(EncodedImage(data)).pixels.astype(int) - PICTURE).max() <= 8
