"""What density image files state, and what their pages measure then."""

import io
import struct

import pypdfium2 as pdfium
import pytest
from PIL import Image

from edgeocr.client.formats.pdf.density import stated_density
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.client.formats.answers import read, written


def saved(form, **options):
    buffer = io.BytesIO()
    Image.new("RGB", (600, 300), "white").save(buffer, form, **options)
    return buffer.getvalue()


def exif(*, unit=2, across=(300, 1), down=(300, 1), orientation=1):
    """An Exif block with a resolution and an orientation."""
    entries = [(274, 3, 1, orientation << 16), (282, 5, 1, 62), (283, 5, 1, 70), (296, 3, 1, unit << 16)]
    directory = struct.pack(">H", 4) + b"".join(struct.pack(">HHII", *entry) for entry in entries) + bytes(4)
    return b"Exif\0\0MM\0*\0\0\0\x08" + directory + struct.pack(">4I", *across, *down)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "BMP", "TIFF"])
def test_the_density_that_a_file_states_is_that_of_its_page(form):
    assert stated_density(saved(form, dpi=(300, 150))) == (300, 150)


def test_every_page_has_its_own():
    buffer = io.BytesIO()
    first, second = (Image.new("L", (60, 30)) for _ in range(2))
    second.info["dpi"] = (204, 98)
    first.save(buffer, "TIFF", dpi=(300, 300), save_all=True, append_images=[second])
    assert stated_density(buffer.getvalue(), 0) == (300, 300)
    assert stated_density(buffer.getvalue(), 5) is None


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_exif_states_one_as_well(form):
    assert stated_density(saved(form, exif=exif())) == (300, 300)
    assert stated_density(saved(form, exif=exif(unit=3, across=(100, 1), down=(100, 1)))) == pytest.approx((254, 254))


def test_exif_that_does_not_know_states_none():
    assert stated_density(saved("JPEG", exif=exif(across=(72, 1), down=(72, 1)))) is None


def test_a_picture_that_lies_on_its_side_has_them_the_other_way_round():
    assert stated_density(saved("JPEG", exif=exif(across=(300, 1), down=(150, 1), orientation=6))) == (150, 300)


@pytest.mark.parametrize(
    "data",
    [
        saved("GIF"),
        saved("JPEG"),
        saved("PNG"),
        saved("PNG", dpi=(1, 1)),
        saved("JPEG", exif=exif(across=(300, 0))),
        saved("JPEG", exif=exif()[:40]),
        b"II*\0\xff\xff\xff\xff",
        b"\xff\xd8\xff",
        b"BM",
        b"",
    ],
)
def test_files_that_state_none_or_one_without_sense_have_none(data):
    assert stated_density(data) is None


@pytest.mark.parametrize(("options", "size"), [({"dpi": (300, 300)}, (144, 72)), ({}, (216, 108))])
def test_a_page_measures_what_its_density_says(tmp_path, options, size):
    (tmp_path / "a.png").write_bytes(saved("PNG", **options))
    data = written("pdf", read(str(tmp_path / "a.png"), ocr_pb2.Page(width_pixels=600, height_pixels=300)))
    (shown,) = pdfium.PdfDocument(data)
    assert shown.get_size() == pytest.approx(size)
