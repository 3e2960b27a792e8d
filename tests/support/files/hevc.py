"""HEVC pictures without an encoder: every block's samples are written as they are (ITU-T H.265, section 7.3.8.7).

Arithmetic coding is there, though next to nothing is coded: that a block is not divided, that its samples follow, and
whether it is the last one of a row, which is a slice of its own.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
"""Side of a block."""
_VIDEO, _SEQUENCE, _PICTURE, _SLICE = 32, 33, 34, 20
"""Kinds of units: what is said of all, of the sequence and of the picture, and a slice."""
_STILL, _EXTENDED, _LEVEL = 3, 4, 186
_WIDTHS = (240, 227, 216, 205, 195, 185, 175, 166, 158, 150, 142, 135, 128, 122, 116, 110)
"""Of the unlikely value's part, by how often the other one came (table 9-52, last column)."""
_WHOLE, _LAST = 510, 508

Plane = NDArray[np.uint8]


class Bits:
    """Bits from the most significant one on."""

    def __init__(self) -> None:
        self._text: list[str] = []

    def put(self, value: int, count: int = 1) -> None:
        """A number of so many bits."""
        self._text.append(f"{value:0{count}b}")

    def golomb(self, *values: int) -> None:
        """Numbers of as many bits as they need (section 9.2)."""
        for value in values:
            count = (value + 1).bit_length()
            self.put(value + 1, 2 * count - 1)

    def flags(self, text: str) -> None:
        """Single bits."""
        self._text.append(text.replace(" ", ""))

    def whole(self) -> bytes:
        """A one and as many zeros as make bytes of them."""
        text = "".join(self._text) + "1"
        text += "0" * (-len(text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big")


def parameters(width: int, height: int, planes: int) -> list[tuple[int, bytes]]:
    """Kinds and units of what is said of a picture; of three planes, two have half its width and height."""
    video = Bits()
    video.put(0b0000_11_000000_000_1, 16)
    video.put(0xFFFF, 16)
    _profile(video, planes)
    video.flags("1")
    video.golomb(0, 0, 0)
    video.put(0, 6)
    video.golomb(0)
    video.flags("00")
    sequence = Bits()
    sequence.put(0b0000_000_1, 8)
    _profile(sequence, planes)
    across, down = (-(-side // BLOCK) * BLOCK for side in (width, height))
    # The identifier; how colours are sampled; sides, and how many samples of them are no picture.
    sequence.golomb(0, int(planes > 1), across, down)
    sequence.flags("1")
    unit = 2 if planes > 1 else 1
    sequence.golomb(0, (across - width) // unit, 0, (down - height) // unit)
    # Eight bits; four bits of the order.
    sequence.golomb(0, 0, 0)
    sequence.flags("1")
    # No other picture; blocks of 32, transforms of 4 to 32.
    sequence.golomb(0, 0, 0, 2, 0, 0, 3, 0, 0)
    # Of four tools only the last one, samples as they are: of eight bits, in blocks of 32, not filtered.
    sequence.flags("0001 0111 0111")
    sequence.golomb(2, 0)
    sequence.flags("1")
    sequence.golomb(0)
    sequence.flags("00000")
    picture = Bits()
    picture.golomb(0, 0)
    picture.flags("00 000 00")
    picture.golomb(0, 0, 0)
    picture.flags("000")
    picture.golomb(0, 0)
    # No tiles; deblocking can be controlled, and is off.
    picture.flags("0000000 1 01 00")
    picture.golomb(0)
    picture.flags("00")
    units = ((_VIDEO, video), (_SEQUENCE, sequence), (_PICTURE, picture))
    return [(kind, _unit(kind, bits.whole())) for kind, bits in units]


def slices(planes: Sequence[Plane]) -> bytes:
    """The picture, each unit behind its length; planes are padded to whole blocks."""
    rows = [*_rows(planes)]
    units = []
    for number, row in enumerate(rows):
        header = Bits()
        header.flags("10" if number == 0 else "00")
        header.golomb(0)
        if number:
            header.put(number * len(row), (len(rows) * len(row) - 1).bit_length())
        # It is coded by itself, as finely as all.
        header.golomb(2, 0)
        units.append(_unit(_SLICE, header.whole() + _coded(row)))
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


def _rows(planes: Sequence[Plane]) -> Iterator[list[bytes]]:
    """Samples of the blocks, row by row."""
    height, width = planes[0].shape
    assert width <= BLOCK * len(_WIDTHS), "a picture of more columns is put together of tiles"
    for top in range(0, height, BLOCK):
        yield [
            b"".join(
                _block(plane, top, left, BLOCK // (1 if number == 0 else 2)) for number, plane in enumerate(planes)
            )
            for left in range(0, width, BLOCK)
        ]


def _block(plane: Plane, top: int, left: int, side: int) -> bytes:
    top, left = top * side // BLOCK, left * side // BLOCK
    found = plane[top : top + side, left : left + side]
    return np.pad(found, ((0, side - found.shape[0]), (0, side - found.shape[1])), "edge").tobytes()


def _coded(row: list[bytes]) -> bytes:
    data = b""
    for number, samples in enumerate(row):
        left = (_LAST if number else _WHOLE) - _WIDTHS[number]
        data += _ended(left - 2) + samples
    return data + _ended(_LAST)


def _ended(low: int) -> bytes:
    """Nine bits that end what is coded, the last one set, up to a whole byte."""
    return ((low & 0x1FF | 1) << 7).to_bytes(2, "big")


def _profile(bits: Bits, planes: int) -> None:
    kind = _STILL if planes > 1 else _EXTENDED
    bits.put(kind, 8)
    bits.put(1 << (31 - kind), 32)
    bits.put(0b1001 << 44, 48)
    bits.put(_LEVEL, 8)


def _unit(kind: int, payload: bytes) -> bytes:
    """A unit, in which nothing looks like the beginning of another one (section 7.4.2)."""
    data = bytearray((kind << 1, 1))
    zeros = 0
    for value in payload:
        if zeros == 2 and value <= 3:
            data.append(3)
            zeros = 0
        data.append(value)
        zeros = zeros + 1 if value == 0 else 0
    return bytes(data)
