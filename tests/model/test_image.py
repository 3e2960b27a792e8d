import cv2
import numpy as np
import pytest

from edgeocr.model.errors import InvalidInput, TooLarge
from edgeocr.model.image import EncodedImage, Mode, PixelFormat, RawImage, decode, inspect
from edgeocr.model.limits import Limits
from tests.rendering import encoded, line

SUFFIXES = (".jpg", ".png", ".webp", ".bmp", ".tiff")
LIMITS = Limits(image_bytes=1_000_000, image_pixels=1_000_000)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_is_sized_by_its_header_and_decoded_to_the_same_pixels(suffix):
    pixels = line("Formats 格式")
    image = EncodedImage(encoded(pixels, suffix))
    assert inspect(image, Mode.LINE, LIMITS) == (pixels.shape[1], pixels.shape[0])
    difference = np.abs(decode(image).astype(int) - pixels)
    assert difference.mean() < (5 if suffix in (".jpg", ".webp") else 0.01)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.98])
def test_a_file_that_was_cut_off_is_refused(suffix, share):
    data = encoded(np.random.default_rng(1).integers(0, 255, (120, 160, 3), dtype=np.uint8), suffix)
    image = EncodedImage(data[: int(len(data) * share)])
    with pytest.raises(InvalidInput, match=r"image\.encoded: .*damaged or cut off"):
        inspect(image, Mode.PAGE, LIMITS)
        decode(image)


def test_what_is_no_image_is_refused_with_the_known_formats():
    with pytest.raises(InvalidInput, match="image/jpeg, image/png, image/webp, image/bmp, image/tiff"):
        inspect(EncodedImage(b"<html>not an image</html>"), Mode.PAGE, LIMITS)


def test_a_huge_declared_size_is_refused_before_decoding():
    header = encoded(line("x"))
    bomb = bytearray(header)
    bomb[16:24] = (100_000).to_bytes(4, "big") * 2
    with pytest.raises(TooLarge, match=r"100000×100000 pixels, the limit is 1000000 \(image_pixels\)"):
        inspect(EncodedImage(bytes(bomb)), Mode.PAGE, LIMITS)


@pytest.mark.parametrize(
    ("image", "error", "words"),
    [
        (EncodedImage(b""), InvalidInput, "image: is empty"),
        (EncodedImage(b"\xff\xd8\xff" + bytes(1_000_000)), TooLarge, "the limit is 1000000 \\(image_bytes\\)"),
        (RawImage(bytes(1), PixelFormat.GREY8, 1, 1), InvalidInput, "1×1 pixels, each side must have at least 4"),
        (RawImage(b"x", PixelFormat.GREY8, 0, 9), InvalidInput, "0×9 pixels"),
        (RawImage(bytes(299), PixelFormat.RGB24, 10, 10), InvalidInput, "need 300 to 300"),
        (RawImage(bytes(301), PixelFormat.BGR24, 10, 10), InvalidInput, "need 300 to 300"),
        (RawImage(bytes(300), PixelFormat.BGR24, 10, 10, 29), InvalidInput, "stride_bytes: 29 is less than"),
    ],
)
def test_bad_sizes_name_the_field_and_the_limit(image, error, words):
    with pytest.raises(error, match=words):
        inspect(image, Mode.PAGE, LIMITS)


@pytest.mark.parametrize(
    ("width", "height", "words"), [(40, 513, "line_height_pixels"), (1000, 9, "line_aspect_ratio")]
)
def test_an_image_that_is_no_line_is_refused_as_a_line_but_not_as_a_page(width, height, words):
    image = RawImage(bytes(width * height), PixelFormat.GREY8, width, height)
    assert inspect(image, Mode.PAGE, LIMITS) == (width, height)
    with pytest.raises(InvalidInput, match=words):
        inspect(image, Mode.LINE, LIMITS)


@pytest.mark.parametrize("pixel_format", PixelFormat)
def test_raw_pixels_with_a_stride_give_the_image_they_hold(pixel_format):
    pixels = line("stride")
    stored = {
        PixelFormat.GREY8: cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)[:, :, np.newaxis],
        PixelFormat.BGR24: pixels,
        PixelFormat.RGB24: pixels[:, :, ::-1],
    }[pixel_format]
    height, width, channels = stored.shape
    rows = np.zeros((height, width * channels + 5), np.uint8)
    rows[:, : width * channels] = stored.reshape(height, -1)
    raw = RawImage(rows.tobytes()[:-5], pixel_format, width, height, width * channels + 5)
    assert inspect(raw, Mode.LINE, LIMITS) == (width, height)
    assert np.abs(decode(raw).astype(int) - pixels).max() <= 1
