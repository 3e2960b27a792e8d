"""What may hold an image, and what may not."""

import io

import numpy as np
import pytest
from PIL import Image

from edgeocr.client.images import make_image
from edgeocr.proto.edgeocr.v1 import ocr_pb2


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_travel_as_they_are(kind):
    assert make_image(kind(b"file")).encoded == b"file"


def test_paths_are_read(tmp_path):
    path = tmp_path / "image"
    path.write_bytes(b"file")
    assert make_image(path).encoded == make_image(str(path)).encoded == b"file"


def test_an_image_stays_itself():
    image = ocr_pb2.Image(encoded=b"file")
    assert make_image(image) is image


def test_grey_pixels_are_packed():
    raw = make_image(np.arange(6, dtype=np.uint8).reshape(2, 3)).raw
    assert (raw.width_pixels, raw.height_pixels, raw.stride_bytes) == (3, 2, 0)
    assert (raw.format, raw.data) == (ocr_pb2.PIXEL_FORMAT_GREY8, bytes(range(6)))


@pytest.mark.parametrize(
    ("order", "expected"), [("BGR", ocr_pb2.PIXEL_FORMAT_BGR24), ("RGB", ocr_pb2.PIXEL_FORMAT_RGB24)]
)
def test_the_order_of_channels_is_the_callers(order, expected):
    assert make_image(np.zeros((4, 5, 3), np.uint8), channel_order=order).raw.format == expected


@pytest.mark.parametrize(
    "view", [np.s_[1:3, 2:5], np.s_[::-1, ::2], np.s_[:, :, ::-1]], ids=["crop", "steps", "channels"]
)
def test_views_with_strides_lose_nothing(view):
    pixels = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)[view]
    raw = make_image(pixels).raw
    unpacked = np.frombuffer(raw.data, np.uint8).reshape(raw.height_pixels, raw.width_pixels, 3)
    assert np.array_equal(unpacked, pixels)


@pytest.mark.parametrize("source", [None, 7, [b"file"], np.zeros((2, 2), np.float32)])
def test_other_types_are_refused(source):
    with pytest.raises(TypeError):
        make_image(source)


@pytest.mark.parametrize("shape", [(4,), (4, 5, 2), (4, 5, 5), (1, 4, 5, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="height × width"):
        make_image(np.zeros(shape, np.uint8))


def test_an_unknown_order_of_channels_is_refused():
    with pytest.raises(ValueError, match="channel_order"):
        make_image(np.zeros((4, 5, 3), np.uint8), channel_order="GBR")


def decoded(image):
    """The pixels of an encoded image."""
    return np.asarray(Image.open(io.BytesIO(image.encoded)))


def test_open_files_give_their_bytes(tmp_path):
    path = tmp_path / "image"
    path.write_bytes(b"file")
    with path.open("rb") as file:
        assert make_image(file).encoded == make_image(io.BytesIO(b"file")).encoded == b"file"


def test_a_file_of_text_is_refused():
    with pytest.raises(TypeError, match="mode 'rb'"):
        make_image(io.StringIO("file"))


def test_one_channel_is_grey():
    raw = make_image(np.arange(6, dtype=np.uint8).reshape(2, 3, 1)).raw
    assert (raw.format, raw.data) == (ocr_pb2.PIXEL_FORMAT_GREY8, bytes(range(6)))


@pytest.mark.parametrize(("order", "place"), [("RGB", [0, 1, 2, 3]), ("BGR", [2, 1, 0, 3])])
def test_transparency_travels_with_its_pixels(order, place):
    pixels = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    assert np.array_equal(decoded(make_image(pixels, channel_order=order)), pixels[..., place])


@pytest.mark.parametrize("order", ["RGB", "BGR"])
@pytest.mark.parametrize("mode", ["RGB", "L", "1", "CMYK", "P"])
def test_the_channels_of_pillows_images_are_known(mode, order):
    image = Image.fromarray(np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)).convert(mode)
    raw = make_image(image, channel_order=order).raw
    grey = mode in ("L", "1")
    assert raw.format == (ocr_pb2.PIXEL_FORMAT_GREY8 if grey else ocr_pb2.PIXEL_FORMAT_RGB24)
    assert (raw.width_pixels, raw.height_pixels) == (5, 4)
    assert raw.data == np.asarray(image.convert("L" if grey else "RGB")).tobytes()


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_pillows_transparency_travels_too(mode):
    image = Image.fromarray(np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)).convert(mode)
    assert np.array_equal(decoded(make_image(image)), np.asarray(image.convert("RGBA")))


@pytest.mark.parametrize("mode", ["F", "I", "I;16"])
def test_pixels_without_a_known_brightness_are_refused(mode):
    with pytest.raises(ValueError, match="convert it to L"):
        make_image(Image.new(mode, (3, 2)))


@pytest.mark.parametrize("url", ["http://127.0.0.1/a.png", "https://ocr.example/a.pdf", "S3://bucket/key"])
def test_urls_are_not_fetched_unasked(url):
    with pytest.raises(ValueError, match="fetches it"):
        make_image(url)
