"""One picture in every way in which files say how it is to look."""

import io

import numpy as np
import pytest
from PIL import Image

from edgeocr.model.files.image import EncodedImage, decode
from tests.support.rendering import line

PICTURE = line("Looks 外观", margin=10)
RGB = Image.fromarray(PICTURE[:, :, ::-1])
UNDONE = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""For each orientation of Exif, what stores the picture so that it is displayed upright."""
_ORIENTATION = 0x112


def saved(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def see_through(picture):
    """Its black on nothing."""
    black = Image.new("RGB", picture.size, "black")
    black.putalpha(picture.convert("L").point(lambda value: 255 - value))
    return black


def difference(data):
    picture = decode(EncodedImage(data))
    assert picture.pixels.shape == PICTURE.shape
    assert (picture.height, picture.width) == PICTURE.shape[:2]
    return np.abs(picture.pixels.astype(int) - PICTURE).mean()


@pytest.mark.parametrize("orientation", UNDONE)
@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "avif"])
def test_every_orientation_is_undone_in_every_format(kind, transparent, orientation):
    if kind == "jpeg" and transparent:
        return
    undone = UNDONE[orientation]
    picture = RGB if undone is None else RGB.transpose(undone)
    exif = picture.getexif()
    exif[_ORIENTATION] = orientation
    options = {"tiffinfo": {_ORIENTATION: orientation}} if kind == "tiff" else {"exif": exif}
    if kind == "webp":
        options["lossless"] = True
    if kind in ("jpeg", "avif"):
        options["quality"] = 95
    assert difference(saved(see_through(picture) if transparent else picture, kind, **options)) < 1


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate"])
def test_transparency_of_a_tiff_becomes_white(compression):
    assert difference(saved(see_through(RGB), "tiff", compression=compression)) < 1


def test_colours_that_shine_through_are_mixed_with_white_alike_in_every_format():
    mixed = Image.new("RGBA", (64, 48), (200, 100, 50, 128))
    for kind, options in (("png", {}), ("webp", {"lossless": True}), ("tiff", {}), ("jpeg2000", {})):
        pixels = decode(EncodedImage(saved(mixed, kind, **options))).pixels
        assert np.abs(pixels.astype(int) - [152, 177, 227]).max() <= 1


@pytest.mark.parametrize("kind", ["gif", "png", "webp"])
def test_of_an_animation_the_first_frame_is_read(kind):
    frames = [RGB.transpose(Image.Transpose.FLIP_LEFT_RIGHT), Image.new("RGB", RGB.size, "black")]
    options = {"lossless": True} if kind == "webp" else {}
    assert difference(saved(RGB, kind, save_all=True, append_images=frames, **options)) < 2


def test_a_gif_with_transparency_lies_on_white():
    black = see_through(RGB)
    black.putalpha(black.getchannel("A").point(lambda value: 255 if value > 127 else 0))
    assert difference(saved(black, "gif")) < 10


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("jpeg", "L"),
        ("jpeg", "CMYK"),
        ("png", "L"),
        ("png", "P"),
        ("png", "LA"),
        ("tiff", "L"),
        ("tiff", "P"),
        ("tiff", "CMYK"),
        ("tiff", "1"),
        ("bmp", "P"),
        ("bmp", "1"),
    ],
)
def test_every_kind_of_colour_looks_the_same(kind, mode):
    assert difference(saved(RGB.convert(mode), kind)) < 10
