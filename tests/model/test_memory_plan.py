"""The memory planned from a header, and the memory of reading."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from edgeocr.model.files.headers.header import read_header
from edgeocr.model.files.headers.values import Header
from edgeocr.model.files.image import EncodedImage, decode
from edgeocr.model.memory_plan import plan
from edgeocr.model.networks.manifest import load_manifest
from edgeocr.model.options import Mode
from tests.support.files.file_formats import every_format
from tests.support.rendering import page

MEGABYTE = 1_000_000
SCAN = Header(8660, 5774, can_shrink=True)
"""50 megapixels."""


@pytest.fixture
def manifest(weights):
    """The served weights' manifest, with networks of the cost that these tests assume."""
    served = load_manifest(weights)
    recogniser, detector = (
        replace(spec, run_bytes_per_pixel=cost) for spec, cost in ((served.recogniser, 240.0), (served.detector, 140.0))
    )
    return replace(served, recogniser=recogniser, detector=detector)


@pytest.mark.parametrize(("most", "reduction"), [(400, 1), (140, 2), (120, 4), (1, 4)])
def test_an_image_is_read_at_the_largest_scale_that_fits(manifest, most, reduction):
    made = plan(SCAN, 8 * MEGABYTE, Mode.PAGE, manifest, most * MEGABYTE)
    assert made.reduction == reduction
    assert (made.peak_bytes <= most * MEGABYTE) == (most > 1)


def test_only_what_its_decoder_can_shrink_is_reduced(manifest):
    whole = plan(replace(SCAN, can_shrink=False), 8 * MEGABYTE, Mode.PAGE, manifest, 100 * MEGABYTE)
    assert whole.reduction == 1
    assert whole.peak_bytes > 150 * MEGABYTE


def test_a_page_of_usual_size_is_never_reduced(manifest):
    assert plan(Header(2480, 3507, can_shrink=True), MEGABYTE, Mode.PAGE, manifest, 1).reduction == 1


def test_a_line_takes_what_its_own_batch_does_and_looking_for_more_lines_than_one(manifest):
    short, long = (plan(Header(width, 48), 10_000, Mode.LINE, manifest, 100 * MEGABYTE) for width in (300, 4800))
    page = plan(Header(300, 48), 10_000, Mode.PAGE, manifest, 100 * MEGABYTE)
    assert short.reading_bytes < 10 * MEGABYTE < page.reading_bytes
    assert long.reading_bytes > 30 * MEGABYTE
    assert 100_000 < short.finding_bytes < 10 * MEGABYTE


@pytest.mark.parametrize("mode", [Mode.PAGE, Mode.LINE])
def test_the_file_itself_is_there_once_more_while_it_is_decoded(manifest, mode):
    # So many bytes a pixel that nothing else takes as much.
    header = Header(900, 700, pixel_bytes=1000.0)
    small, large = (plan(header, size, mode, manifest, 1) for size in (0, 5 * MEGABYTE))
    assert large.finding_bytes - small.finding_bytes == 5 * MEGABYTE


def test_a_costlier_network_costs_more(manifest):
    detector = manifest.detector
    heavy = replace(detector, run_bytes_per_pixel=10 * detector.run_bytes_per_pixel)
    costs = [
        plan(Header(900, 700), 10_000, Mode.PAGE, networks, 1).finding_bytes
        for networks in (manifest, replace(manifest, detector=heavy))
    ]
    assert costs[1] > 8 * costs[0]


def test_every_kind_of_file_is_accounted_for_at_least_its_pixels():
    picture = Image.fromarray(page([("Formats", (50, 50))])[:, :, ::-1])
    found = dict(every_format(picture))
    for name, data in found.items():
        header = read_header(data)
        # Of HEIC it is as it is displayed.
        assert sorted((header.width, header.height)) == sorted(picture.size), name
        assert sorted(decode(EncodedImage(data)).pixels.shape[:2]) == sorted(picture.size), name
        assert header.pixel_bytes >= 3, name
        assert header.can_shrink == name.startswith("jpeg"), name
    costs = {name: read_header(data) for name, data in found.items()}
    assert costs["jpeg"].source_pixel_bytes == 0
    assert costs["jpeg progressive"].source_pixel_bytes == 3
    assert costs["jpeg prog. 4:4:4"].source_pixel_bytes == 6
    assert costs["jpeg turned"].pixel_bytes == costs["png turned"].pixel_bytes == 6
    assert costs["tiff turned"].pixel_bytes > costs["tiff"].pixel_bytes
    assert costs["png alpha"].pixel_bytes < costs["png 16 bit alpha"].pixel_bytes


def test_a_compressed_tiff_is_accounted_for_what_the_decoder_reads_of_it_at_a_time():
    colours = np.random.default_rng(1).integers(0, 255, (1000, 2000, 3), np.uint8)
    costs = {}
    for rows in (8, 1000):
        file = io.BytesIO()
        Image.fromarray(colours).save(file, "tiff", compression="tiff_lzw", tiffinfo={278: rows})
        costs[rows] = (read_header(file.getvalue()).source_pixel_bytes * 2000 * 1000, len(file.getvalue()))
    one_strip, file_bytes = costs[1000]
    assert one_strip == pytest.approx(file_bytes)
    assert costs[8][0] < file_bytes / 4
