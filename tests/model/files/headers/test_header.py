"""Headers that lie, and the decoder's view of the same files."""

import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files.headers.header import read_header
from edgeocr.model.files.headers.jpeg import is_whole_jpeg
from edgeocr.model.files.headers.values import BadHeader
from edgeocr.model.files.image import EncodedImage, decode, inspect
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from tests.support.files.hostile import scans_jpeg
from tests.support.rendering import encoded, line

PICTURE = line("header", margin=10)
HEIGHT, WIDTH = PICTURE.shape[:2]


def size(data):
    header = read_header(data)
    return header.width, header.height


def segment(marker, contents):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(contents) + 2) + contents


def jpeg_with(prefix):
    return b"\xff\xd8" + prefix + encoded(PICTURE, ".jpg")[2:]


def tiff(*tags):
    """A directory with given (tag, type, value) entries, little-endian."""
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(64)


FAKE_FRAME = segment(0xC0, struct.pack(">BHHB", 8, 9000, 9000, 3) + bytes(9))


@pytest.mark.parametrize(
    "prefix",
    [
        b"",
        segment(0xFE, b"a comment with a fake frame " + FAKE_FRAME),
        b"\xff\x00\x00\x06" + segment(0xFE, FAKE_FRAME),
        b"\xff\xff\xff" + segment(0xFE, b"fill bytes before a marker"),
        segment(0xFE, b"a comment") + b"garbage between segments" + segment(0xFE, FAKE_FRAME),
    ],
)
def test_a_jpeg_is_sized_as_its_decoder_sizes_it(prefix):
    data = jpeg_with(prefix)
    assert size(data) == (WIDTH, HEIGHT)
    assert decode(EncodedImage(data)).pixels.shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("length", [0x7FFFFFFF, 0xFFFF0002, 400_000_000])
def test_a_png_whose_chunk_claims_more_than_the_file_holds_is_refused_before_decoding(length):
    data = bytearray(encoded(PICTURE))
    place = data.index(b"IDAT") - 4
    data[place : place + 4] = struct.pack(">I", length)
    with pytest.raises(InvalidInput, match="damaged or truncated"):
        inspect(EncodedImage(bytes(data)), Mode.PAGE, Limits())


@pytest.mark.parametrize(("scans", "apart"), [(5, False), (200, True)])
def test_a_jpeg_of_many_scans_is_opened_where_it_can_be_ended(scans, apart):
    assert read_header(scans_jpeg(64, 48, scans)).opens_apart == apart


@pytest.mark.parametrize("missing", [1, 4, 12])
def test_a_png_that_ends_within_its_end_is_refused(missing):
    with pytest.raises(BadHeader):
        read_header(encoded(PICTURE)[:-missing])


@pytest.mark.parametrize("end", [0, 12], ids=["an empty end", "an end with contents"])
def test_a_png_whose_end_is_not_the_end_for_its_decoder_is_refused(end):
    """Without image data the decoder goes on behind the end, and takes 4 GiB for what it finds there."""

    def chunk(kind, contents):
        return struct.pack(">I", len(contents)) + kind + contents + struct.pack(">I", zlib.crc32(kind + contents))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 24, 16, 8, 6, 0, 0, 0))
    data = (
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"IEND", bytes(end)) + struct.pack(">I", 2**32 - 1) + b"IEND" + bytes(8)
    )
    with pytest.raises(BadHeader):
        read_header(data)


@pytest.mark.parametrize(
    "tags",
    [
        [(256, 9, 9000), (257, 9, 9000), (256, 3, 64), (257, 3, 64)],
        [(256, 3, 64), (257, 3, 64), (256, 3, 9000)],
        [(256, 9, 64), (257, 9, 64)],
        [(256, 3, 64)],
        [(256, 3, 64), (257, 3, 64), (322, 4, 1 << 15), (323, 4, 1 << 15)],
    ],
)
def test_a_tiff_with_doubtful_tags_is_refused(tags):
    with pytest.raises(BadHeader):
        read_header(tiff(*tags))


def test_a_tiff_with_plain_tags_has_a_size():
    assert size(tiff((256, 3, 64), (257, 4, 48))) == (64, 48)


def test_a_bitmap_of_os2_has_the_size_it_says():
    rows = bytes(32 * 3 * 20)
    data = b"BM" + struct.pack("<IHHI", 26 + len(rows), 0, 0, 26) + struct.pack("<IHHHH", 12, 32, 20, 1, 24) + rows
    assert size(data) == (32, 20)
    assert decode(EncodedImage(data)).pixels.shape == (20, 32, 3)


LIES = {
    ".png": lambda data: (16, struct.pack(">I", WIDTH - 1)),
    ".webp": lambda data: (21, bytes([data[21] ^ 1])) if data[12:16] == b"VP8L" else (26, bytes([data[26] ^ 1])),
    ".jpg": lambda data: (data.index(b"\xff\xc0") + 7, struct.pack(">H", WIDTH - 1)),
    ".bmp": lambda data: (18, struct.pack("<i", WIDTH + 1000)),
    ".tiff": lambda data: (data.index(struct.pack("<HHI", 256, 3, 1)) + 8, struct.pack("<H", WIDTH + 1)),
}


def png_with(chunk, times):
    head, rest = encoded(PICTURE)[:33], encoded(PICTURE)[33:]
    return head + chunk * times + rest


def webp_with(chunk, times):
    flags = bytes([0x18, 0, 0, 0])
    canvas = (
        b"VP8X" + struct.pack("<I", 10) + flags + (WIDTH - 1).to_bytes(3, "little") + (HEIGHT - 1).to_bytes(3, "little")
    )
    chunks = b"WEBP" + canvas + chunk * times
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


EMPTY_PARTS = {
    "png": lambda times: png_with(struct.pack(">I4sI", 0, b"teXt", zlib.crc32(b"teXt")), times),
    "jpeg segments": lambda times: jpeg_with(segment(0xE5, b"") * times),
    "jpeg fill bytes": lambda times: jpeg_with(b"\xff" * times),
    "jpeg stuffing": lambda times: jpeg_with(b"\xff\x00" * times),
    "webp": lambda times: webp_with(b"ABCD\0\0\0\0", times),
}


@pytest.mark.parametrize("kind", EMPTY_PARTS)
def test_a_file_of_more_parts_than_can_be_walked_through_at_once_is_refused(kind):
    assert size(EMPTY_PARTS[kind](1000)) == (WIDTH, HEIGHT)
    with pytest.raises(BadHeader):
        read_header(EMPTY_PARTS[kind](70_000))


@pytest.mark.parametrize("suffix", LIES)
def test_a_false_size_is_either_refused_or_the_one_that_is_decoded(suffix):
    data = bytearray(encoded(PICTURE, suffix))
    place, lie = LIES[suffix](data)
    data[place : place + len(lie)] = lie
    header = read_header(bytes(data))
    assert header is not None
    assert (header.width, header.height) != (WIDTH, HEIGHT)
    try:
        pixels = decode(EncodedImage(bytes(data))).pixels
    except InvalidInput:
        return
    assert pixels.shape[:2] == (header.height, header.width)


@pytest.mark.parametrize("cut", range(0, 40, 3))
@pytest.mark.parametrize("suffix", [".png", ".webp", ".jpg", ".bmp", ".tiff"])
def test_a_header_that_was_cut_off_is_damaged_or_unknown(suffix, cut):
    head = encoded(PICTURE, suffix)[:cut]
    try:
        header = read_header(head)
    except BadHeader:
        return
    assert header is None or (suffix == ".bmp" and cut >= 26)


@pytest.mark.parametrize(("suffix", "depth"), [(".png", np.uint8), (".png", np.uint16), (".webp", np.uint8)])
def test_what_is_transparent_becomes_white(suffix, depth):
    scale = np.iinfo(depth).max // 255
    alpha = 255 - cv2.cvtColor(PICTURE, cv2.COLOR_BGR2GRAY)
    black_text = np.dstack([np.zeros_like(PICTURE), alpha]).astype(depth) * scale
    data = encoded(black_text, suffix)
    assert size(data) == (WIDTH, HEIGHT)
    assert read_header(data).has_alpha
    assert np.abs(decode(EncodedImage(data)).pixels.astype(int) - PICTURE).mean() < 3


def test_grey_with_alpha_and_palettes_are_decoded(tmp_path):
    grey = Image.fromarray(cv2.cvtColor(PICTURE, cv2.COLOR_BGR2GRAY))
    for kind in ("LA", "P", "I;16"):
        grey.convert(kind).save(tmp_path / "kind.png")
        assert decode(EncodedImage((tmp_path / "kind.png").read_bytes())).pixels.shape == (HEIGHT, WIDTH, 3)


def test_a_jpeg_is_whole_only_with_its_own_end():
    data = encoded(PICTURE, ".jpg")
    thumbnail = jpeg_with(segment(0xE1, b"Exif\0\0" + data))
    assert is_whole_jpeg(data)
    assert is_whole_jpeg(data + b"what some cameras add")
    assert is_whole_jpeg(thumbnail)
    for cut in (thumbnail[: len(data) + 40], thumbnail[:-2], data[:-1], data[:30]):
        assert not is_whole_jpeg(cut)


def gif(*extensions):
    """A GIF file without a palette of its own up to its first frame."""
    return b"GIF89a" + struct.pack("<HHBBB", 9, 7, 0, 0, 0) + b"".join(extensions) + b"," + bytes(9)


COMMENT, OPAQUE, TRANSPARENT = b"!\xfe\x03abc\x00", b"!\xf9\x04\0\0\0\0\0", b"!\xf9\x04\x01\0\0\x03\0"


@pytest.mark.parametrize(
    ("extensions", "pixel_bytes"),
    [
        ((), 4.3),
        ((COMMENT, OPAQUE), 4.3),
        ((TRANSPARENT,), 7.0),
        ((COMMENT, OPAQUE, TRANSPARENT), 7.0),
        ((COMMENT,) * 1000, 7.0),
    ],
)
def test_a_gif_takes_more_where_it_may_be_transparent(extensions, pixel_bytes):
    assert read_header(gif(*extensions)).pixel_bytes == pixel_bytes


def test_a_gif_that_ends_before_its_first_frame_is_damaged():
    with pytest.raises(BadHeader):
        read_header(gif(COMMENT)[:18])
