import struct

import pytest

from tests.checks.image.elf import layouts, table

_HEADER = struct.Struct("<4sBBBBQHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_AARCH64 = 183


def _shared_object(*segments: tuple[int, int, int]) -> bytes:
    """An ELF file whose loaded segments have this offset, address and alignment."""
    header = _HEADER.pack(
        *(b"\x7fELF", 2, 1, 1, 0, 0, 3, _AARCH64, 1, 0, _HEADER.size, 0, 0),
        *(_HEADER.size, _SEGMENT.size, len(segments), 64, 0, 0),
    )
    return header + b"".join(
        _SEGMENT.pack(1, 5, offset, address, address, 8, 8, alignment) for offset, address, alignment in segments
    )


@pytest.mark.parametrize(
    ("segments", "fits"),
    [
        (((0, 0, 0x10000), (0x1000, 0x21000, 0x10000)), True),
        (((0, 0, 0x10000),), True),
        (((0, 0, 0x1000), (0x1000, 0x2000, 0x1000)), False),
        # One segment spoils the file.
        (((0, 0, 0x10000), (0x1000, 0x11000, 0x1000)), False),
        # It says 64 KiB, but the pages in the file do not lie so.
        (((0, 0, 0x10000), (0x1000, 0x12000, 0x10000)), False),
    ],
)
def test_segments_fit_a_kernel_with_large_pages_if_all_are_aligned(tmp_path, segments, fits):
    (tmp_path / "lib.so").write_bytes(_shared_object(*segments))

    (found,) = layouts(tmp_path)

    assert (found.machine, found.fits) == ("EM_AARCH64", fits)


def test_every_elf_file_is_found_and_nothing_else(tmp_path):
    (tmp_path / "usr/lib/site-packages/cv2").mkdir(parents=True)
    (tmp_path / "usr/lib/site-packages/cv2/cv2.abi3.so").write_bytes(_shared_object((0, 0, 0x10000)))
    (tmp_path / "usr/lib/libz.so.1").write_bytes(_shared_object((0, 0, 0x1000)))
    (tmp_path / "usr/lib/libz.so").symlink_to("libz.so.1")
    (tmp_path / "usr/lib/readme").write_text("no program")

    rows = table(layouts(tmp_path)).splitlines()[2:]

    assert rows == ["| /usr/lib | EM_AARCH64 | 4 KiB | 1 | DO NOT FIT |", "| cv2 | EM_AARCH64 | 64 KiB | 1 | fit |"]
