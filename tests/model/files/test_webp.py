import io

import numpy as np
import pytest
from PIL import Image

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files.headers.header import read_header
from edgeocr.model.files.image import EncodedImage, decode
from edgeocr.model.files.opening.decoder import LOCAL
from edgeocr.model.files.opening.requests import DecodedImage, DecodeImage, Samples
from tests.support.files.file_formats import every_format

WIDTH, HEIGHT = 67, 41


def picture():
    return Image.fromarray(np.random.default_rng(5).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8))


FILES = {name: data for name, data in every_format(picture()) if name.startswith("webp")}


def reference(data):
    """As Pillow opens it, blue-green-red."""
    image = Image.open(io.BytesIO(data))
    pixels = np.asarray(image)
    return np.dstack([pixels[:, :, 2::-1], *([pixels[:, :, 3]] if image.mode == "RGBA" else [])])


@pytest.mark.parametrize("name", FILES)
def test_it_is_opened_where_the_process_can_be_ended_and_comes_out_as_pillow_has_it(name):
    header = read_header(FILES[name])
    assert header.opens_apart
    decoded = LOCAL.decode(DecodeImage(header.media_type, header.width, header.height), FILES[name])
    samples = Samples.BGRA if "alpha" in name else Samples.BGR
    assert decoded.answer == DecodedImage(WIDTH, HEIGHT, samples)
    assert np.array_equal(decoded.pixels, reference(FILES[name]))


def test_frames_are_accounted_for_the_canvases_that_they_take():
    assert read_header(FILES["webp animated"]).pixel_bytes > 2 * read_header(FILES["webp alpha"]).pixel_bytes


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("sides", [(WIDTH - 1, HEIGHT), (WIDTH, HEIGHT + 1), (HEIGHT, WIDTH)])
def test_a_file_of_another_size_than_was_said_is_refused(name, sides):
    with pytest.raises(InvalidInput):
        LOCAL.decode(DecodeImage("image/webp", *sides), FILES[name])


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_off_is_refused_whatever_length_it_states(name):
    cut = bytearray(FILES[name][: len(FILES[name]) // 2])
    cut[4:8] = (len(cut) - 8).to_bytes(4, "little")
    with pytest.raises(InvalidInput):
        decode(EncodedImage(bytes(cut)))
