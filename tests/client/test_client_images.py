"""What may hold an image, and what may not."""

import numpy as np
import pytest

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


@pytest.mark.parametrize("shape", [(4,), (4, 5, 4), (4, 5, 1), (1, 4, 5, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="height × width"):
        make_image(np.zeros(shape, np.uint8))


def test_an_unknown_order_of_channels_is_refused():
    with pytest.raises(ValueError, match="channel_order"):
        make_image(np.zeros((4, 5, 3), np.uint8), channel_order="GBR")
