"""The size of an image file from its header, parsed as strictly as by the decoder.

The size determines the cost of a request, so a file must not show different sizes to this parser and the decoder, nor
make the decoder allocate memory for data that it does not contain. Anything unusual is refused.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from edgeocr.model.files.contents import Contents
from edgeocr.model.files.headers import tiff
from edgeocr.model.files.headers.heif import AVIF_BRANDS, HEIC_BRANDS, is_of_brand, read_avif, read_heic
from edgeocr.model.files.headers.ico import is_ico, read_ico
from edgeocr.model.files.headers.jpeg import read_jpeg
from edgeocr.model.files.headers.jpeg2000 import is_jpeg2000, read_jpeg2000
from edgeocr.model.files.headers.pnm import is_pnm, read_pnm
from edgeocr.model.files.headers.values import (
    AVIF,
    HEIC,
    JPEG,
    JPEG2000,
    MOST_PARTS,
    TURNED_PIXEL_BYTES,
    WEBP,
    BadHeader,
    Header,
    UnreadKind,
    unpack,
)

_PNG = b"\x89PNG\r\n\x1a\n"
_TIFF_TILE_PIXELS = 1 << 22
_TIFF_ALPHA = (1, 2)
_TIFF_MULTIPLIED, _TIFF_NOT_MULTIPLIED = _TIFF_ALPHA
_TIFF_DEPTHS = (1, 2, 4, 8, 12, 16)
_TIFF_UNSIGNED = (1, 4)
"""Sample formats: integers, and undefined."""
_TIFF_JPEG = (6, 7)
_TIFF_PLAIN = 1
"""The compression of parts that are not compressed."""
_TIFF_READ_BYTES, _TIFF_READ_SHARE = 1 << 20, 10.1
"""Most that libtiff reads of a compressed part before decoding: so many bytes, or multiples of its decoded bytes."""
_TIFF_WINDOWED, _TIFF_WINDOW_BYTES = (34925, 50000), 9 << 20
"""Default memory of LZMA and Zstandard, including their history windows, for parts of any size."""
_WEBP_FRAMES_PIXEL_BYTES = 20.0
"""Two canvases of libwebp, the frame and a copy, with four channels each, and the output."""
_WEBP_LOSSY_BYTES = 4.0
"""The output, and rows in preparation."""
_WEBP_COLOURS_BYTES, _WEBP_ALPHA_BYTES = 8.0, 9.0
"""Four-channel pixels of lossless images, or the same for alpha, and the output."""
_GIF_HEADER_BYTES, _GIF_CONTROL, _GIF_PARTS = 13, 0xF9, 64
"""With more extensions before its first frame, a file counts as transparent."""
_BMP_WINDOWS_BYTES, _BMP_RUNS, _BMP_MASKS = 40, (1, 2), 3
"""Length of the header from which it states the compression: runs, or bit masks. OpenCV corrupts runs of padded rows,
and ignores masks within a longer header."""
_BMP_APART_BYTES = 7.0
"""Pixels of runs twice, the image, and the output; or a four-byte image."""
_WEBP_ALPHA, _WEBP_EXIF, _WEBP_ANIMATION, _WEBP_FIRST_CHUNK = 0x10, 0x08, 0x02, 12


def _png(data: Contents) -> Header:
    """PNG specification, sections 5 and 11.2.1; all chunks must lie within the file, up to the end chunk.

    If image data is missing, the decoder continues after the end, and allocates whatever it takes for a chunk's length
    there.
    """
    kinds: set[bytes] = set()
    exif = b""
    for place, (kind, start, length) in enumerate(_png_chunks(data)):
        if (place == 0) != (kind == b"IHDR") or (place == 0 and length != 13) or (kind == b"IEND" and length):
            raise BadHeader
        if kind == b"eXIf" and kind not in kinds:
            exif = data[start : start + length]
        kinds.add(kind)
    if b"IDAT" not in kinds:
        raise BadHeader
    width, height, depth, colour_type = unpack(">IIBB", data, 16)
    if colour_type in (4, 6) or b"tRNS" in kinds:
        # Four channels of one or two bytes, the opaque pixels, and rows in between; or the opaque pixels three times.
        pixel_bytes = 12.0 if depth == 16 or exif else 8.0
        return Header(width, height, True, orientation=tiff.exif_orientation(exif), pixel_bytes=pixel_bytes)
    return Header(width, height, pixel_bytes=TURNED_PIXEL_BYTES if b"eXIf" in kinds else 3.0)


def _png_chunks(data: Contents) -> Iterator[tuple[bytes, int, int]]:
    """Kind, offset of the contents, and their length."""
    offset, kind = len(_PNG), b""
    for _ in range(MOST_PARTS):
        length, kind = unpack(">I4s", data, offset)
        yield kind, offset + 8, length
        offset += 12 + length
        if kind == b"IEND":
            break
    if kind != b"IEND" or offset > len(data):
        raise BadHeader


def _webp(data: Contents) -> Header:
    """RFC 9649, section 2; for an animation, the canvas."""
    size, kind = unpack("<I4x4s", data, 4)
    if size + 8 > len(data):
        raise BadHeader
    if kind == b"VP8X":
        flags, low_width, high_width, low_height, high_height = unpack("<B3xHBHB", data, 20)
        width, height = 1 + low_width + (high_width << 16), 1 + low_height + (high_height << 16)
        orientation = _webp_orientation(data) if flags & _WEBP_EXIF else 1
        has_alpha = bool(flags & _WEBP_ALPHA)
        # The container may hold a lossless picture.
        pixel_bytes = _WEBP_ALPHA_BYTES if has_alpha else _WEBP_COLOURS_BYTES
        return Header(
            width,
            height,
            has_alpha,
            opens_apart=True,
            orientation=orientation,
            pixel_bytes=_WEBP_FRAMES_PIXEL_BYTES if flags & _WEBP_ANIMATION else pixel_bytes,
        )
    if kind == b"VP8L" and data[20] == 0x2F:
        (bits,) = unpack("<I", data, 21)
        width, height, has_alpha = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), bool(bits >> 28 & 1)
        return Header(width, height, has_alpha, opens_apart=True, pixel_bytes=_WEBP_ALPHA_BYTES)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = unpack("<HH", data, 26)
        return Header(width & 0x3FFF, height & 0x3FFF, opens_apart=True, pixel_bytes=_WEBP_LOSSY_BYTES)
    raise BadHeader


def _webp_orientation(data: Contents) -> int:
    offset = _WEBP_FIRST_CHUNK
    for _ in range(MOST_PARTS):
        if offset + 8 > len(data):
            return 1
        kind, length = unpack("<4sI", data, offset)
        if kind == b"EXIF":
            return tiff.exif_orientation(data[offset + 8 : offset + 8 + length])
        offset += 8 + length + (length & 1)
    raise BadHeader


def _gif(data: Contents) -> Header:
    """GIF89a, section 18: the canvas of all frames, of which the first is read."""
    width, height = unpack("<HH", data, 6)
    # One byte per pixel, three of the output, and rows in between; or four, and then the opaque pixels.
    pixel_bytes = 7.0 if _gif_is_transparent(data) else 4.3
    return Header(width, height, has_alpha=True, opens_apart=True, pixel_bytes=pixel_bytes)


def _gif_is_transparent(data: Contents) -> bool:
    """Whether an extension before the first frame sets transparency, or there are too many extensions (GIF89a, sections
    15, 20 and 23)."""
    has_colours, size = data[10] & 0x80, data[10] & 7
    offset = _GIF_HEADER_BYTES + (3 << (size + 1) if has_colours else 0)
    for _ in range(_GIF_PARTS):
        if data[offset : offset + 1] != b"!":
            return False
        label, length = data[offset + 1], data[offset + 2]
        if label == _GIF_CONTROL and length and data[offset + 3] & 1:
            return True
        offset += 2
        while length := data[offset]:
            offset += 1 + length
        offset += 1
    return True


def _bmp(data: Contents) -> Header:
    """The headers of OS/2 (12 bytes) and of Windows, whose height is negative if rows go downwards."""
    (size,) = unpack("<I", data, 14)
    width, height = unpack("<HH" if size == 12 else "<ii", data, 18)
    if size >= _BMP_WINDOWS_BYTES:
        bits, compression = unpack("<HI", data, 28)
        if compression in _BMP_RUNS or (bits == 16 and compression == _BMP_MASKS and size > _BMP_WINDOWS_BYTES):
            return Header(width, abs(height), opens_apart=True, pixel_bytes=_BMP_APART_BYTES)
    return Header(width, abs(height))


def _tiff(data: Contents, page: int = 0) -> Header:
    """The directory of a page."""
    directory = next(islice(tiff.directories(data), page, None))
    values = directory.values
    width, height = values[tiff.WIDTH], values[tiff.HEIGHT]
    if values.get(tiff.TILE_WIDTH, 0) * values.get(tiff.TILE_HEIGHT, 0) > max(width * height, _TIFF_TILE_PIXELS):
        raise BadHeader
    if directory.layout.is_big and directory.layout.order == ">":
        raise UnreadKind("BigTIFF that is big-endian")
    patches = [directory.changed(tag, values[tag]) for tag in directory.odd - {tiff.ORIENTATION, tiff.EXTRA_SAMPLES}]
    if page:
        # The decoder takes the directory that the file's header points to.
        patches.append(directory.as_first())
    if directory.orientation > 1 or tiff.ORIENTATION in directory.odd:
        # The pixels are turned afterwards.
        patches.append(directory.changed(tiff.ORIENTATION, 1))
    alpha = values.get(tiff.EXTRA_SAMPLES)
    if alpha == _TIFF_MULTIPLIED:
        # The decoder would divide colours by alpha.
        patches.append(directory.changed(tiff.EXTRA_SAMPLES, _TIFF_NOT_MULTIPLIED))
    elif tiff.EXTRA_SAMPLES in directory.odd:
        patches.append(directory.changed(tiff.EXTRA_SAMPLES, values[tiff.EXTRA_SAMPLES]))
    samples, bits = values.get(tiff.SAMPLES_PER_PIXEL, 1), values.get(tiff.BITS_PER_SAMPLE, 1)
    if bits not in _TIFF_DEPTHS or values.get(tiff.SAMPLE_FORMAT, 1) not in _TIFF_UNSIGNED:
        raise UnreadKind(f"{samples} samples of {bits} bits, or of no whole numbers")
    window_bytes = _TIFF_WINDOW_BYTES if values.get(tiff.COMPRESSION) in _TIFF_WINDOWED else 0
    part_bytes = _tiff_part_bytes(values, width, height, samples, bits)
    read_bytes = 0.0
    if values.get(tiff.COMPRESSION, _TIFF_PLAIN) != _TIFF_PLAIN:
        read_bytes = min(len(data), max(_TIFF_READ_BYTES, part_bytes * _TIFF_READ_SHARE))
    return Header(
        width,
        height,
        alpha in _TIFF_ALPHA,
        opens_apart=True,
        is_multiplied=alpha == _TIFF_MULTIPLIED and bits == 8 and samples > 2,
        rounds_alpha=bits == 8 and samples > 2,
        orientation=directory.orientation,
        patches=tuple(patches),
        # The decoded image, of one byte or four, and the output; or that and the opaque or the turned pixels.
        pixel_bytes=4.0 if samples == 1 else 8.0 if directory.orientation > 1 else _tiff_bytes_out(samples) + 4.0,
        source_pixel_bytes=max(0.0, (part_bytes + read_bytes) / max(1, width * height) - _tiff_bytes_out(samples))
        + window_bytes / max(1, width * height),
    )


def _tiff_bytes_out(samples: int) -> float:
    """Output bytes per pixel; parts of the file have been freed by then."""
    return {1: 1.0, 3: 3.0}.get(samples, 4.0)


def _tiff_part_bytes(values: Mapping[int, int], width: int, height: int, samples: int, bits: int) -> float:
    """Bytes of a strip or tile, which is decoded as a whole, with four bytes per pixel for JPEG colours."""
    pixels = values.get(tiff.TILE_WIDTH, 0) * values.get(tiff.TILE_HEIGHT, 0)
    if not pixels:
        pixels = width * min(height, values.get(tiff.ROWS_PER_STRIP, height))
    part_bytes = pixels * max(1.0, samples * bits / 8)
    return max(part_bytes, 4.0 * pixels) if values.get(tiff.COMPRESSION) in _TIFF_JPEG else part_bytes


_Reader = Callable[[Contents], Header]
_FORMATS: dict[str, tuple[Callable[[bytes], bool], _Reader]] = {
    JPEG: (lambda head: head.startswith(b"\xff\xd8\xff"), read_jpeg),
    "image/png": (lambda head: head.startswith(_PNG), _png),
    WEBP: (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", _webp),
    "image/bmp": (lambda head: head.startswith(b"BM"), _bmp),
    "image/tiff": (lambda head: head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), _tiff),
    "image/gif": (lambda head: head.startswith((b"GIF87a", b"GIF89a")), _gif),
    JPEG2000: (is_jpeg2000, read_jpeg2000),
    AVIF: (lambda head: is_of_brand(head, AVIF_BRANDS), read_avif),
    HEIC: (lambda head: is_of_brand(head, HEIC_BRANDS), read_heic),
    "image/x-portable-anymap": (is_pnm, read_pnm),
    "image/vnd.microsoft.icon": (is_ico, read_ico),
}
_HEAD_BYTES = 64
"""Signatures of formats."""

MEDIA_TYPES = tuple(_FORMATS)
"""The supported formats."""


def read_header(data: Contents, page: int = 0) -> Header | None:
    """Parses the header of an image file or one of its pages; None for an unknown format. Takes microseconds.

    Raises:
        BadHeader: the header is damaged, truncated or unusual, or there is no such page.
        UnreadKind: the kind of pixels is not supported.
    """
    head = data[:_HEAD_BYTES]
    for media_type, (matches, read) in _FORMATS.items():
        if matches(head):
            try:
                header = _tiff(data, page) if read is _tiff else read(data)
                header.media_type = media_type
                return header
            except (struct.error, IndexError, KeyError, ValueError, StopIteration):
                raise BadHeader from None
    return None


def is_image(data: Contents) -> bool:
    """Whether a file has the signature of a known format."""
    return any(matches(data[:_HEAD_BYTES]) for matches, _ in _FORMATS.values())


def count_pages(data: Contents, most: int | None = None) -> int:
    """Counts the pages of an image file, up to `most`; everything after damaged data counts as one page."""
    is_tiff, _ = _FORMATS["image/tiff"]
    if not is_tiff(data[:16]):
        return 1
    count = 0
    try:
        for _ in islice(tiff.directories(data), most):
            count += 1
    except (struct.error, ValueError):
        count += 1
    return count
