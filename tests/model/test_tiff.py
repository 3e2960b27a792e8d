import struct

import pytest

from edgeocr.model.tiff import directories, exif_orientation


def directory(*tags, next_offset=0):
    entries = b"".join(struct.pack("<HHII", tag, 3, 1, value) for tag, value in tags)
    return struct.pack("<H", len(tags)) + entries + struct.pack("<I", next_offset)


def file(*parts):
    return b"II*\0" + struct.pack("<I", 8) + b"".join(parts)


def test_smaller_copies_of_a_page_and_masks_are_no_pages():
    length = len(directory((254, 0), (256, 1)))
    parts = [
        directory((254, kind), (256, width), next_offset=8 + length * (width + 1) if width < 3 else 0)
        for width, kind in enumerate((0, 1, 4, 2))
    ]
    assert [found.values[256] for found in directories(file(*parts))] == [0, 3]


def test_directories_that_lead_to_one_another_are_refused():
    with pytest.raises(ValueError, match="second time"):
        list(directories(file(directory((256, 9), next_offset=8))))


@pytest.mark.parametrize(("value", "orientation"), [(1, 1), (6, 6), (8, 8), (0, 1), (9, 1)])
def test_an_orientation_that_there_is_not_turns_nothing(value, orientation):
    assert exif_orientation(b"Exif\0\0" + file(directory((274, value)))) == orientation


@pytest.mark.parametrize("exif", [b"", b"Exif\0\0", b"II*\0", b"II*\0\xff\xff\xff\x7f", b"no exif data at all"])
def test_damaged_exif_data_turn_nothing(exif):
    assert exif_orientation(exif) == 1
