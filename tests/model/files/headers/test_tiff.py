import struct

import pytest

from edgeocr.model.files.headers.tiff import directories, exif_orientation


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


def chain(kinds):
    """A file of small directories, each of a given subfile type."""
    length = len(directory((254, 0)))
    return file(
        *(
            directory((254, kind), next_offset=8 + length * place if place < len(kinds) else 0)
            for place, kind in enumerate(kinds, 1)
        )
    )


def test_a_long_row_of_directories_that_are_no_pages_is_not_walked_to_its_end():
    few, many = chain([0, *[1] * 60, 0]), chain([0, *[1] * 5000, 0])
    assert [found.values[254] for found in directories(few)] == [0, 0]
    with pytest.raises(ValueError, match="too many"):
        list(directories(many))


def test_no_more_directories_are_walked_through_than_a_file_may_have():
    assert len(list(directories(chain([0] * 5000)))) == 5000
    with pytest.raises(ValueError, match="too many"):
        list(directories(chain([0] * 70_000)))


def test_directories_that_lie_within_one_another_are_refused():
    # Each begins twelve bytes behind the one before it, and has most of its entries.
    shift, entries = 12, 2000
    data = bytearray(file(bytes(shift * (2 * entries + 2))))
    for number in range(entries):
        begin = 8 + shift * number
        struct.pack_into("<H", data, begin, entries)
        struct.pack_into("<I", data, begin + 2 + 12 * entries, begin + shift if number < entries - 1 else 0)
    with pytest.raises(ValueError, match="too many"):
        list(directories(bytes(data)))


def test_a_directory_with_more_entries_than_its_decoder_takes_is_refused():
    assert len(list(directories(file(directory(*[(1000 + tag, 1) for tag in range(4096)]))))) == 1
    with pytest.raises(ValueError, match="too many entries"):
        list(directories(file(directory(*[(1000 + tag, 1) for tag in range(4097)]))))
