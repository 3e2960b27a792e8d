import io
import os

import cv2
import numpy as np
import pytest
from PIL import Image

from edgeocr.model.errors import InvalidInput, Limit, OutOfMemory, TooLarge
from edgeocr.model.files.image import EncodedImage, PixelFormat, RawImage, decode, inspect
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from tests.support.rendering import encoded, line, page

SUFFIXES = (".jpg", ".png", ".webp", ".bmp", ".tiff")
LIMITS = Limits(image_bytes=1_000_000, image_pixels=1_000_000)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_is_sized_by_its_header_and_decoded_to_the_same_pixels(suffix):
    pixels = line("Formats 格式")
    image = EncodedImage(encoded(pixels, suffix))
    header = inspect(image, Mode.LINE, LIMITS)
    assert (header.width, header.height) == (pixels.shape[1], pixels.shape[0])
    difference = np.abs(decode(image).pixels.astype(int) - pixels)
    assert difference.mean() < (5 if suffix in (".jpg", ".webp") else 0.01)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.98])
def test_a_file_that_was_cut_off_is_refused(suffix, share):
    data = encoded(np.random.default_rng(1).integers(0, 255, (120, 160, 3), dtype=np.uint8), suffix)
    image = EncodedImage(data[: int(len(data) * share)])
    with pytest.raises(InvalidInput, match=r"image\.encoded: .*damaged or truncated"):
        inspect(image, Mode.PAGE, LIMITS)
        decode(image)


def test_what_is_no_image_is_refused_with_the_known_formats():
    with pytest.raises(InvalidInput, match="image/jpeg, image/png, image/webp, image/bmp, image/tiff"):
        inspect(EncodedImage(b"<html>not an image</html>"), Mode.PAGE, LIMITS)


def test_a_huge_declared_size_is_refused_before_decoding():
    header = encoded(line("x"))
    bomb = bytearray(header)
    bomb[16:24] = (100_000).to_bytes(4, "big") * 2
    with pytest.raises(TooLarge, match=r"100000×100000 pixels, the limit is 1000000 \(image_pixels\)") as refusal:
        inspect(EncodedImage(bytes(bomb)), Mode.PAGE, LIMITS)
    assert refusal.value.limit == Limit("image_pixels", 1_000_000, 10_000_000_000)


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
    header = inspect(image, Mode.PAGE, LIMITS)
    assert (header.width, header.height) == (width, height)
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
    header = inspect(raw, Mode.LINE, LIMITS)
    assert (header.width, header.height) == (width, height)
    assert np.abs(decode(raw).pixels.astype(int) - pixels).max() <= 1


def test_a_jpeg_can_be_decoded_at_a_fraction_of_its_size_and_keeps_the_size_that_was_sent():
    picture = decode(EncodedImage(encoded(page([("Reduced", (100, 100))], 801, 603), ".jpg")), 4)
    assert picture.pixels.shape == (151, 201, 3)
    assert (picture.width, picture.height, picture.reduction) == (801, 603, 4)


def test_a_reduced_jpeg_that_lies_on_its_side_has_the_size_of_the_image_once_turned():
    picture = Image.fromarray(page([], 801, 603))
    exif = picture.getexif()
    exif[0x112] = 6
    file = io.BytesIO()
    picture.save(file, "jpeg", exif=exif)
    decoded = decode(EncodedImage(file.getvalue()), 2)
    assert decoded.pixels.shape == (401, 302, 3)
    assert (decoded.width, decoded.height) == (603, 801)


def test_what_opencv_cannot_allocate_is_no_fault_of_the_file(monkeypatch):
    def fail(*arguments):
        error = cv2.error("insufficient memory")
        error.code = cv2.Error.StsNoMem
        raise error

    monkeypatch.setattr(cv2, "imread", fail)
    with pytest.raises(OutOfMemory) as refusal:
        decode(EncodedImage(encoded(line("fine"))))
    assert refusal.value.code == "RESOURCE_EXHAUSTED"
    assert refusal.value.retry_seconds is not None


def test_decoding_leaves_no_file_open():
    before = len(os.listdir("/proc/self/fd"))
    decode(EncodedImage(encoded(line("closed"))))
    with pytest.raises(InvalidInput):
        decode(EncodedImage(encoded(line("damaged"), ".jpg")[:-200]))
    assert len(os.listdir("/proc/self/fd")) == before
