"""AVIF: sizes that lie, how it lies, and its pixels beside those of its reference opener."""

import io
import struct

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

PICTURE = line("AVIF 格式", margin=10)
HEIGHT, WIDTH = PICTURE.shape[:2]


def saved(picture=None, **options):
    file = io.BytesIO()
    (picture or Image.fromarray(PICTURE[:, :, ::-1])).save(file, "avif", speed=10, **options)
    return file.getvalue()


def with_size(data, width, height):
    changed = bytearray(data)
    struct.pack_into(">II", changed, data.index(b"ispe") + 8, width, height)
    return bytes(changed)


@pytest.mark.parametrize("subsampling", ["4:2:0", "4:2:2", "4:4:4", "4:0:0"])
def test_pixels_are_those_of_the_reference(subsampling):
    data = saved(subsampling=subsampling)
    header = read_header(data)
    assert (header.width, header.height, header.opens_apart) == (WIDTH, HEIGHT, True)
    with Image.open(io.BytesIO(data)) as reference:
        expected = np.asarray(reference.convert("RGB"))[:, :, ::-1]
    assert np.array_equal(decode(EncodedImage(data)).pixels, expected)
    assert np.abs(expected.astype(int) - PICTURE).mean() < 5


def test_more_planes_take_more():
    costs = [read_header(saved(subsampling=kind)).pixel_bytes for kind in ("4:0:0", "4:2:0", "4:4:4")]
    assert costs == sorted(set(costs))


@pytest.mark.parametrize("brands", [b"mif1", b"msf1"])
def test_a_general_brand_is_recognised_by_the_others(brands):
    data = saved()
    assert read_header(data[:8] + brands + data[12:]).media_type == "image/avif"
    nothing = data[:8] + brands + data[12:].replace(b"avif", b"xxxx", 1)
    assert read_header(nothing) is None


def test_a_huge_size_is_refused_before_decoding():
    with pytest.raises(TooLarge, match="image_pixels"):
        inspect(EncodedImage(with_size(saved(), 2**31, 2**31)), Mode.PAGE, Limits())


@pytest.mark.parametrize("size", [(WIDTH * 2, HEIGHT), (WIDTH - 1, HEIGHT), (WIDTH, 4)])
def test_a_size_that_its_own_data_contradict_is_damage_or_the_one_that_comes_out(size):
    data = with_size(saved(), *size)
    try:
        assert decode(EncodedImage(data)).pixels.shape[1::-1] == size
    except InvalidInput:
        return


@pytest.mark.parametrize("kind", [b"meta", b"pitm", b"iprp", b"ipco", b"ipma", b"ispe"])
def test_a_file_without_what_says_its_size_is_damaged(kind):
    with pytest.raises(BadHeader):
        read_header(saved().replace(kind, b"free", 1))


@pytest.mark.parametrize("cut", range(20, 250, 23))
def test_a_file_that_is_cut_off_in_its_header_is_damaged(cut):
    with pytest.raises(BadHeader):
        read_header(saved()[:cut])


@pytest.mark.parametrize("count", [0, 2, 2**32 - 1])
def test_counts_that_lie_are_not_walked_to_their_end(count):
    data = bytearray(saved())
    place = data.index(b"ipma") + 8
    struct.pack_into(">I", data, place, count)
    struct.pack_into(">H", data, place + 4, 999)
    with pytest.raises(BadHeader):
        read_header(bytes(data))


def test_a_description_of_megabytes_is_refused():
    data = saved()
    place = data.index(b"meta") - 4
    (length,) = struct.unpack_from(">I", data, place)
    padding = struct.pack(">I4s", 5 << 20, b"free") + bytes((5 << 20) - 8)
    grown = struct.pack(">I", length + len(padding)) + data[place + 4 : place + length] + padding
    with pytest.raises(BadHeader):
        read_header(data[:place] + grown + data[place + length :])
