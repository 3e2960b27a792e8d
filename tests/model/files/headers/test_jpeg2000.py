"""JPEG 2000: sizes that lie, and the same picture whole, in tiles, and with levels left out."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from edgeocr.model.errors import InvalidInput, TooLarge
from edgeocr.model.files.headers.header import read_header
from edgeocr.model.files.headers.values import BadHeader, UnreadKind
from edgeocr.model.files.image import EncodedImage, decode, inspect
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from tests.support.rendering import line, page

PICTURE = line("JPEG 2000 格式", margin=10)
HEIGHT, WIDTH = PICTURE.shape[:2]
SIZES = b"\xff\x4f\xff\x51"
KINDS = {"file": {}, "codestream": {"no_jp2": True}, "tiles": {"tile_size": (50, 31)}}


def saved(picture=PICTURE, **options):
    file = io.BytesIO()
    Image.fromarray(picture[:, :, ::-1]).save(file, "jpeg2000", **options)
    return file.getvalue()


def with_size(data, width, height, tile=None):
    """The same codestream, whose header says something else; and the file around it likewise."""
    changed = bytearray(data)
    place = data.index(SIZES) + 4
    struct.pack_into(">II", changed, place + 4, width, height)
    if tile is not None:
        struct.pack_into(">II", changed, place + 20, *tile)
    if b"ihdr" in data:
        struct.pack_into(">II", changed, data.index(b"ihdr") + 4, height, width)
    return bytes(changed)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_saved_without_loss_comes_out_as_it_was(kind):
    data = saved(**KINDS[kind])
    header = read_header(data)
    assert (header.width, header.height, header.opens_apart) == (WIDTH, HEIGHT, True)
    assert np.array_equal(decode(EncodedImage(data)).pixels, PICTURE)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "I;16"])
def test_every_kind_of_pixels_is_opened_as_its_reference_opens_it(mode):
    grey = Image.fromarray(PICTURE).convert("L")
    picture = Image.fromarray(np.asarray(grey, np.uint16) * 257) if mode == "I;16" else grey.convert(mode)
    file = io.BytesIO()
    picture.save(file, "jpeg2000")
    expected = np.repeat(np.asarray(grey)[:, :, np.newaxis], 3, axis=2)
    assert np.array_equal(decode(EncodedImage(file.getvalue())).pixels, expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("width", "height"), [(801, 603), (805, 607)])
@pytest.mark.parametrize("reduction", [2, 4, 8])
def test_levels_are_left_out_at_low_resolution(kind, width, height, reduction):
    pixels = page([("Reduced", (100, 100))], width, height)
    data = saved(pixels, **KINDS[kind])
    picture = decode(EncodedImage(data), reduction)
    shape = -(-height // reduction), -(-width // reduction)
    assert read_header(data).can_shrink
    assert picture.pixels.shape == (*shape, 3)
    assert (picture.width, picture.height, picture.reduction) == (width, height, reduction)
    smaller = np.asarray(Image.fromarray(pixels).resize(shape[::-1], Image.Resampling.BOX))
    assert np.abs(picture.pixels.astype(int) - smaller).mean() < 1


def test_without_levels_it_is_decoded_as_it_is():
    assert not read_header(saved(num_resolutions=2)).can_shrink


@pytest.mark.parametrize("kind", KINDS)
def test_a_huge_size_is_refused_before_decoding(kind):
    data = with_size(saved(**KINDS[kind]), 2**31, 2**31, tile=(2**31, 2**31))
    with pytest.raises(TooLarge, match="image_pixels"):
        inspect(EncodedImage(data), Mode.PAGE, Limits())


def test_a_size_that_the_file_around_it_contradicts_is_refused():
    data = bytearray(saved())
    struct.pack_into(">II", data, data.index(b"ihdr") + 4, HEIGHT, WIDTH + 1)
    with pytest.raises(BadHeader):
        read_header(bytes(data))


@pytest.mark.parametrize("tile", [(0, 9), (9, 0), (1, 1)])
def test_more_tiles_than_there_may_be_are_refused(tile):
    with pytest.raises(BadHeader):
        read_header(with_size(saved(), 4000, 4000, tile))


def test_tiles_are_accounted_for_though_they_are_empty():
    few, many = (read_header(with_size(saved(), 4000, 4000, (side, side))) for side in (1000, 16))
    assert few.source_pixel_bytes * 4000 * 4000 < 3 << 20
    assert many.source_pixel_bytes * 4000 * 4000 > 100 << 20


def test_more_components_than_colours_and_alpha_are_refused():
    data = bytearray(saved())
    struct.pack_into(">H", data, data.index(SIZES) + 4 + 36, 5)
    with pytest.raises(UnreadKind):
        read_header(bytes(data))


@pytest.mark.parametrize("cut", [0, 4, 20, 40])
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_cut_off_in_its_header_is_damaged(kind, cut):
    data = saved(**KINDS[kind])
    with pytest.raises(BadHeader):
        read_header(data[: max(12, data.index(SIZES) + cut)])


def test_a_size_that_its_own_data_contradict_is_damage():
    with pytest.raises(InvalidInput):
        decode(EncodedImage(with_size(saved(), WIDTH * 9, HEIGHT, (WIDTH * 9, HEIGHT))[:-200]))


def test_boxes_without_an_end_are_given_up():
    endless = saved()[:12] + struct.pack(">I4s", 8, b"free") * 5000
    with pytest.raises(BadHeader):
        read_header(endless)
