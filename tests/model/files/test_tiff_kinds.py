"""TIFF files of kinds that few programs write: offsets of eight bytes, odd tags, deep grey, Lab, old JPEG."""

import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from edgeocr.model.errors import InvalidInput, TooLarge
from edgeocr.model.files.headers.header import count_pages, read_header
from edgeocr.model.files.headers.values import BadHeader, UnreadKind
from edgeocr.model.files.image import EncodedImage, decode, inspect
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from tests.support.rendering import line

PICTURE = line("TIFF 格式", margin=10)
HEIGHT, WIDTH = PICTURE.shape[:2]
GREY = np.ascontiguousarray(PICTURE[:, :, 1])
LAYOUTS = {1: "B", 2: "B", 3: "H", 4: "I", 9: "i", 16: "Q"}
ORIENTATION, EXTRA = 274, 338


def tiff(rows, bits=8, samples=1, photometric=1, order="<", big=False, **tags):
    """One strip; tags as `t274=(type, values)` add to those that are needed, or take their place."""
    sizes = {256: WIDTH, 257: HEIGHT, 258: bits, 259: 1, 262: photometric, 277: samples, 278: HEIGHT}
    found = {tag: (3, [value] * (samples if tag == 258 else 1)) for tag, value in sizes.items()}
    found |= {273: (4, [0]), 279: (4, [len(rows)])} | {int(tag[1:]): entry for tag, entry in tags.items()}
    entry, offset, inline, start = ("HHQ", "Q", 8, 16) if big else ("HHI", "I", 4, 8)
    count = "Q" if big else "H"
    strip = start + struct.calcsize(order + count) + len(found) * (struct.calcsize("<" + entry) + inline) + inline
    entries, others = b"", b""
    for tag, (kind, values) in sorted(found.items()):
        packed = struct.pack(f"{order}{len(values)}{LAYOUTS[kind]}", *([strip + 64] if tag == 273 else values))
        if len(packed) > inline:
            place = struct.pack(order + offset, strip + len(others))
            others += packed
            packed = place
        entries += struct.pack(order + entry, tag, kind, len(values)) + packed.ljust(inline, b"\0")
    mark = b"II" if order == "<" else b"MM"
    head = struct.pack(order + "HHHQ", 43, 8, 0, start) if big else struct.pack(order + "HI", 42, start)
    directory = struct.pack(order + count, len(found)) + entries + struct.pack(order + offset, 0)
    return mark + head + directory + others.ljust(64, b"\0") + rows


def packed(values, bits):
    planes = values.astype(np.uint16)[:, :, np.newaxis] >> np.arange(bits - 1, -1, -1) & 1
    return np.packbits(planes.reshape(len(values), -1).astype(np.uint8), axis=1).tobytes()


def saved(picture, **options):
    file = io.BytesIO()
    picture.save(file, "tiff", **options)
    return file.getvalue()


def pixels(data):
    return decode(EncodedImage(data)).pixels.astype(int)


def opaque(grey):
    return np.repeat(np.asarray(grey, int)[:, :, np.newaxis], 3, axis=2)


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 12])
@pytest.mark.parametrize("photometric", [0, 1])
@pytest.mark.parametrize("big", [False, True])
def test_grey_of_any_depth_has_its_brightness(bits, photometric, big):
    values = GREY.astype(int) * 257 >> 16 - bits
    white = (1 << bits) - 1
    data = tiff(packed(values if photometric else white - values, bits), bits, photometric=photometric, big=big)
    assert np.abs(pixels(data) - opaque(values * 255 // white)).max() <= 1


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "packbits", "tiff_adobe_deflate", "lzma", "zstd"])
@pytest.mark.parametrize("big", [False, True])
def test_every_compression_without_loss_comes_out_as_it_was(compression, big):
    data = saved(Image.fromarray(PICTURE[:, :, ::-1]), compression=compression, big_tiff=big)
    assert np.array_equal(pixels(data), PICTURE)


def test_pages_of_a_file_with_long_offsets_are_counted_and_read_one_by_one():
    pages = [Image.fromarray(PICTURE[:, :, ::-1]), Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    data = saved(pages[0], save_all=True, append_images=pages[1:], big_tiff=True)
    assert count_pages(data) == 3
    assert np.array_equal(decode(EncodedImage(data, 2)).pixels, opaque(255 - GREY))


def test_a_file_with_long_offsets_can_lie_on_its_side():
    data = saved(Image.fromarray(np.rot90(GREY)), tiffinfo={ORIENTATION: 6}, big_tiff=True)
    assert np.array_equal(pixels(data), opaque(GREY))


@pytest.mark.parametrize("claim", [2**31, 2**63])
def test_a_huge_size_in_long_numbers_is_refused_before_decoding(claim):
    data = tiff(GREY.tobytes(), big=True, t256=(16, [claim]))
    with pytest.raises(TooLarge, match="image_pixels"):
        inspect(EncodedImage(data), Mode.PAGE, Limits())


@pytest.mark.parametrize("place", [4, 6, 8, 16, 24, 28])
def test_a_file_with_long_offsets_that_lie_is_refused(place):
    data = bytearray(tiff(GREY.tobytes(), big=True))
    data[place : place + 2] = b"\xff\xff"
    with pytest.raises((BadHeader, InvalidInput)):
        read_header(bytes(data[:2000]))
        decode(EncodedImage(bytes(data[:2000])))


def test_big_endian_long_offsets_are_said_to_be_a_kind_that_is_not_read():
    with pytest.raises(UnreadKind, match="big-endian"):
        read_header(tiff(GREY.tobytes(), big=True, order=">"))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "tag",
    [
        {"t274": (1, [1])},
        {"t274": (2, [49, 0])},
        {"t274": (9, [-1])},
        {"t274": (3, [])},
        {"t258": (1, [8])},
        {"t258": (4, [8])},
        {"t259": (1, [1])},
        {"t259": (4, [1])},
        {"t262": (1, [1])},
        {"t277": (1, [1])},
        {"t278": (4, [2**32 - 1])},
    ],
)
def test_tags_of_odd_types_are_taken_for_what_they_say(tag, order):
    assert np.array_equal(pixels(tiff(GREY.tobytes(), order=order, **tag)), opaque(GREY))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("kind", "count"), [(1, 1), (3, 2), (4, 1), (4, 2)])
def test_an_orientation_of_an_odd_type_turns_all_the_same(kind, count, order):
    turned = np.ascontiguousarray(np.rot90(GREY, 2))
    assert np.array_equal(pixels(tiff(turned.tobytes(), order=order, t274=(kind, [3] * count))), opaque(GREY))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("extra", [0, 1, 2])
def test_deep_grey_with_alpha_lies_on_white(order, extra):
    deep = np.dstack([np.zeros_like(GREY), 255 - GREY]).astype(np.uint16) * 257
    data = tiff(deep.astype(order + "u2").tobytes(), 16, 2, order=order, t338=(3, [extra]))
    # Without a word of what the second sample is, it is none that counts.
    assert np.array_equal(pixels(data), opaque(GREY if extra else np.zeros_like(GREY)))


def test_lab_has_the_colours_that_libtiff_gives_it():
    stored = np.random.default_rng(5).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    stored[:, :, 0] = GREY
    data = tiff(stored.tobytes(), samples=3, photometric=8)
    reference = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(pixels(data) - reference).max() <= 1


def test_old_jpeg_is_opened_as_its_reference_opens_it():
    file = io.BytesIO()
    Image.fromarray(PICTURE[:, :, ::-1]).save(file, "jpeg", quality=95)
    jpeg = file.getvalue()
    place = len(tiff(b"", samples=3, photometric=6, t259=(3, [6]), t513=(4, [0]), t514=(4, [len(jpeg)])))
    data = tiff(jpeg, samples=3, photometric=6, t259=(3, [6]), t513=(4, [place]), t514=(4, [len(jpeg)]))
    assert np.abs(pixels(data) - PICTURE).mean() < 5
