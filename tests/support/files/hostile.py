"""Small files that take much memory or time to open, written here byte by byte."""

import struct
import zlib

from tests.support.files.pdfs import file_of, stream_of

_MEGABYTE = 1 << 20


def repeated(pattern: bytes, size: int) -> bytes:
    """About so many bytes of a pattern, deflated as they come."""
    block = pattern * (_MEGABYTE // len(pattern))
    deflate = zlib.compressobj(9)
    return b"".join(deflate.compress(block) for _ in range(max(1, size // len(block)))) + deflate.flush()


def pdf_of_page(content: bytes, resources: bytes = b"", more: dict[int, bytes] | None = None) -> bytes:
    """A PDF of one page, whose content is a stream object, and other objects from number 6 on."""
    return file_of(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<<%s>>>>" % resources,
            4: content,
            5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            **(more or {}),
        },
        b"/Root 1 0 R",
    )


def twice_deflated_pdf(size: int = 1 << 30) -> bytes:
    """A page whose content is so many spaces, deflated twice: about two millionths of that."""
    return pdf_of_page(stream_of(b"/Filter[/FlateDecode/FlateDecode]", zlib.compress(repeated(b" ", size), 9)))


def painting_pdf(size: int = 300 << 20) -> bytes:
    """A page that draws a rectangle every 13 bytes."""
    return pdf_of_page(stream_of(b"/Filter/FlateDecode", repeated(b"0 0 1 1 re f\n", size)))


def nested_forms_pdf(depth: int = 9, width: int = 10) -> bytes:
    """A page of forms that each draw the next one several times."""
    box = b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]"
    forms = {6: stream_of(box, b"0 0 1 1 re f")}
    for number in range(7, 7 + depth):
        inner = b"/Resources<</XObject<</X %d 0 R>>>>" % (number - 1)
        forms[number] = stream_of(box + inner, b"/X Do " * width)
    return pdf_of_page(stream_of(b"", b"/X Do"), b"/XObject<</X %d 0 R>>" % (6 + depth), forms)


def dense_pattern_pdf(step: str = "0.001") -> bytes:
    """A page that a pattern of a thousandth of a point fills."""
    pattern = stream_of(
        b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep %s/YStep %s/Resources<<>>"
        % ((step.encode(),) * 2),
        b"0 0 1 1 re f",
    )
    content = stream_of(b"", b"/Pattern cs /P scn 0 0 612 792 re f")
    return pdf_of_page(content, b"/Pattern<</P 6 0 R>>", {6: pattern})


def long_function_pdf(operators: int = 250_000) -> bytes:
    """A page shaded by a function of so many operators for each pixel."""
    program = b"{" + b" dup sin cos sqrt pop" * (operators // 5) + b" 0 }"
    function = stream_of(b"/FunctionType 4/Domain[0 1 0 1]/Range[0 1 0 1 0 1]", program)
    kind = b"/ShadingType 1/ColorSpace/DeviceRGB/Domain[0 1 0 1]/Matrix[612 0 0 792 0 0]"
    shading = b"/Shading<</S<<%s/Function 6 0 R>>>>" % kind
    return pdf_of_page(stream_of(b"", b"/S sh"), shading, {6: function})


def wordy_pdf(lines: int) -> bytes:
    """A page of so many lines of text."""
    rows = b"".join(b"(A line that says which it is: %d) ' " % number for number in range(lines))
    content = b"BT /F 6 Tf 7 TL 20 780 Td " + rows + b"ET"
    return pdf_of_page(stream_of(b"/Filter/FlateDecode", zlib.compress(content, 9)), b"/Font<</F 5 0 R>>")


def object_stream_pdf(size: int = 1 << 30) -> bytes:
    """A file whose catalog lies in a stream of so many bytes."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>",
    )
    places, body = [], b""
    for number, one in enumerate(objects, 1):
        places.append(b"%d %d " % (number, len(body)))
        body += one + b" "
    head = b"".join(places)
    deflate = zlib.compressobj(9)
    data = deflate.compress(head + body)
    data += b"".join(deflate.compress(b" " * _MEGABYTE) for _ in range(size // _MEGABYTE)) + deflate.flush()
    parts = [b"%PDF-1.5\n"]
    stream_at = len(parts[0])
    entries = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(objects), len(head))
    parts.append(b"4 0 obj\n%s\nendobj\n" % stream_of(entries, data))
    table_at = stream_at + len(parts[1])
    within = [struct.pack(">BIH", 2, 4, place) for place in range(len(objects))]
    rows = [struct.pack(">BIH", 0, 0, 65535), *within, *(struct.pack(">BIH", 1, at, 0) for at in (stream_at, table_at))]
    parts.append(b"5 0 obj\n%s\nendobj\n" % stream_of(b"/Type/XRef/Size 6/W[1 4 2]/Root 1 0 R", b"".join(rows)))
    return b"".join(parts) + b"startxref\n%d\n%%%%EOF\n" % table_at


def tiff(
    width: int, height: int, *, samples: int, bits: int, sample_format: int = 1, tile_side: int = 0, alpha: int = 0
) -> bytes:
    """A deflated TIFF of nothing but zeros: one strip, or tiles that all lie in the same place."""
    rows_or_side = (tile_side, tile_side) if tile_side else (width, height)
    data = repeated(b"\0", max(_MEGABYTE, rows_or_side[0] * rows_or_side[1] * samples * bits // 8))
    tags: dict[int, tuple[int, ...]] = {
        256: (width,),
        257: (height,),
        258: (bits,) * samples,
        259: (8,),
        262: (2 if samples > 2 else 1,),
        277: (samples,),
        339: (sample_format,) * samples,
    }
    if alpha:
        tags[338] = (alpha,)
    count = -(-width // tile_side) * -(-height // tile_side) if tile_side else 1
    parts = {322: (tile_side,), 323: (tile_side,)} if tile_side else {278: (height,)}
    offsets, sizes = (324, 325) if tile_side else (273, 279)
    tags |= parts | {offsets: (8,) * count, sizes: (len(data),) * count}
    behind = 8 + len(data) + len(data) % 2
    values, entries = b"", b""
    for tag, numbers in sorted(tags.items()):
        kind = 3 if tag in (258, 259, 262, 277, 338, 339) else 4
        packed = struct.pack(f"<{len(numbers)}{'H' if kind == 3 else 'I'}", *numbers)
        if len(packed) > 4:
            place, values = behind + len(values), values + packed + bytes(len(packed) % 2)
            packed = struct.pack("<I", place)
        entries += struct.pack("<HHI", tag, kind, len(numbers)) + packed.ljust(4, b"\0")
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    head = struct.pack("<2sHI", b"II", 42, behind + len(values))
    return head + data + bytes(len(data) % 2) + values + directory


def scans_jpeg(width: int, height: int, scans: int) -> bytes:
    """A progressive JPEG of one component, with so many scans that say nothing."""

    def segment(marker: int, payload: bytes) -> bytes:
        return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload

    blocks = -(-width // 8) * -(-height // 8)
    # One code for a run of 2**14 + n blocks without coefficients, n in 14 bits.
    most = (1 << 15) - 1
    bits = "".join("0" + format(min(left, most) - (1 << 14), "014b") for left in _runs(blocks, most))
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    scan = segment(0xDA, bytes([1, 1, 0, 1, 63, 0x10])) + data
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xDB, bytes([0]) + bytes([16]) * 64),
            segment(0xC2, struct.pack(">BHHB", 8, height, width, 1) + bytes([1, 0x11, 0])),
            segment(0xC4, bytes([0x10, 1, *[0] * 15, 0xE0])),
            segment(0xC4, bytes([0x00, 1, *[0] * 15, 0x00])),
            scan * scans,
            b"\xff\xd9",
        )
    )


def _runs(blocks: int, most: int) -> list[int]:
    """Lengths from 2**14 to `most` that together are at least so many."""
    return [most] * (-(-blocks // most))
