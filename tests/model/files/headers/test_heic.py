"""HEIC: sizes that lie, how it is displayed, and its pixels beside those of its reference opener."""

import io
import struct

import numpy as np
import pi_heif
import pytest
from PIL import Image

from edgeocr.model.errors import InvalidInput, TooLarge
from edgeocr.model.files.headers.header import read_header
from edgeocr.model.files.headers.values import BadHeader
from edgeocr.model.files.image import EncodedImage, decode, inspect
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from tests.support.files.heic import cropped, heic, mirrored, turned
from tests.support.rendering import line

LINE = line("HEIC 照片", margin=10)[:48, :144]
PICTURE = Image.fromarray(np.ascontiguousarray(LINE[:, :, ::-1]))
WIDTH, HEIGHT = PICTURE.size


def see_through():
    picture = PICTURE.copy()
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[:4, :64] = np.arange(64)
    picture.putalpha(Image.fromarray(alpha))
    return picture


def with_size(data, width, height):
    changed = bytearray(data)
    struct.pack_into(">II", changed, data.rindex(b"ispe") + 8, width, height)
    return bytes(changed)


def reference(data):
    """As pi-heif opens it for Pillow, on white."""
    picture = pi_heif.open_heif(io.BytesIO(data)).to_pillow().convert("RGBA")
    pixels = np.asarray(picture).astype(int)
    alpha = pixels[:, :, 3:]
    return ((pixels[:, :, 2::-1] * alpha + 127) // 255 + 255 - alpha).astype(np.uint8)


@pytest.mark.parametrize("tile", [512, 64])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_pixels_are_those_of_the_reference_and_of_the_picture(mode, tile):
    data = heic(PICTURE.convert(mode), tile=tile)
    header = read_header(data)
    assert (header.width, header.height, header.media_type, header.opens_apart) == (WIDTH, HEIGHT, "image/heic", True)
    found = decode(EncodedImage(data)).pixels
    assert np.array_equal(found, reference(data))
    assert np.abs(found.astype(int) - LINE).mean() < 3


@pytest.mark.parametrize("tile", [512, 64])
def test_what_is_transparent_becomes_white(tile):
    data = heic(see_through(), tile=tile)
    assert read_header(data).has_alpha
    found = decode(EncodedImage(data)).pixels
    assert np.abs(found.astype(int) - reference(data)).max() <= 1


EDGES = {
    "as it is": ((WIDTH, 1), (HEIGHT, 1), (0, 1), (0, 1)),
    "odd": ((WIDTH - 3, 1), (HEIGHT - 1, 1), (-1, 2), (1, 2)),
    "a corner": ((100, 1), (40, 1), (100 - WIDTH, 2), (HEIGHT - 40, 2)),
    "fractions": ((2 * WIDTH - 7, 2), (2 * HEIGHT - 5, 2), (1, 4), (-1, 4)),
}


@pytest.mark.parametrize("edges", EDGES)
@pytest.mark.parametrize("quarters", range(4))
def test_it_is_cropped_turned_and_mirrored_as_it_says(edges, quarters):
    data = heic(PICTURE, cropped(*EDGES[edges]), turned(quarters), mirrored(quarters & 1))
    expected = reference(data)
    header = read_header(data)
    assert (header.height, header.width) == expected.shape[:2]
    assert np.array_equal(decode(EncodedImage(data)).pixels, expected)


def test_odd_sides_are_what_is_left_of_even_ones():
    data = heic(PICTURE.crop((0, 0, WIDTH - 1, HEIGHT - 3)))
    found = decode(EncodedImage(data)).pixels
    assert found.shape == (HEIGHT - 3, WIDTH - 1, 3)
    assert np.array_equal(found, reference(data))


def test_the_first_picture_is_not_the_one_if_the_file_is_about_another():
    data = heic(PICTURE, thumbnail=PICTURE.resize((32, 16)))
    header = read_header(data)
    assert (header.width, header.height) == (WIDTH, HEIGHT)
    assert np.array_equal(decode(EncodedImage(data)).pixels, reference(data))


def test_more_planes_take_more():
    costs = []
    for picture in (PICTURE.convert("L"), PICTURE, see_through()):
        header = read_header(heic(picture))
        costs.append(header.pixel_bytes + header.source_pixel_bytes)
    assert costs == sorted(set(costs))


@pytest.mark.parametrize("brand", [b"mif1", b"msf1"])
def test_a_general_brand_is_recognised_by_the_others(brand):
    data = heic(PICTURE)
    assert read_header(data[:8] + brand + data[12:]).media_type == "image/heic"
    assert read_header(data[:8] + brand + data[12:].replace(b"heic", b"xxxx", 1)) is None


def test_a_huge_size_is_refused_before_decoding():
    with pytest.raises(TooLarge, match="image_pixels"):
        inspect(EncodedImage(with_size(heic(PICTURE), 2**31, 2**31)), Mode.PAGE, Limits())


@pytest.mark.parametrize("tile", [512, 64])
@pytest.mark.parametrize("size", [(WIDTH * 2, HEIGHT), (WIDTH - 1, HEIGHT), (WIDTH, 8), (8, 8)])
def test_a_size_that_its_own_data_contradict_is_damage_or_the_one_that_comes_out(size, tile):
    data = with_size(heic(PICTURE, tile=tile), *size)
    try:
        assert decode(EncodedImage(data)).pixels.shape[1::-1] == size
    except InvalidInput:
        return


@pytest.mark.parametrize("kind", [b"meta", b"pitm", b"iprp", b"ipco", b"ipma", b"ispe", b"hvcC"])
def test_a_file_without_what_says_its_size_and_kind_is_damaged(kind):
    with pytest.raises(BadHeader):
        read_header(heic(PICTURE).replace(kind, b"free"))


@pytest.mark.parametrize("edges", [((1, 0), (1, 1), (0, 1), (0, 1)), ((2**32 - 1, 1), (1, 1), (0, 1), (0, 1))])
def test_a_part_that_is_none_is_damage(edges):
    with pytest.raises(BadHeader):
        read_header(heic(PICTURE, cropped(*edges)))


@pytest.mark.parametrize("cut", [20, 60, 150, 300])
def test_a_file_that_is_cut_off_is_damaged(cut):
    with pytest.raises(BadHeader):
        read_header(heic(PICTURE)[:cut])


def test_data_that_are_cut_off_are_damage():
    data = heic(PICTURE)
    with pytest.raises(InvalidInput):
        decode(EncodedImage(data[: len(data) // 2]))
