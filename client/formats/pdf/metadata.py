"""Metadata of a PDF file: XMP, the information dictionary, and the colour profile of PDF/A.

PDFium writes none of these. They are appended to its file as an incremental update (ISO 32000-1, section 7.5.6): a new
catalog and the objects that it refers to.
"""

import itertools
import os
import re
import zlib
from datetime import UTC, datetime
from importlib.metadata import version
from typing import BinaryIO

from edgeocr.client.formats.pdf.icc import srgb_profile

_TAIL_BYTES = 4096
_ROOT = re.compile(rb"/Root (\d+) 0 R")
_INFO = re.compile(rb"/Info (\d+) 0 R")
_SIZE = re.compile(rb"/Size (\d+)")
_IDENTIFIERS = re.compile(rb"/ID\s*(\[.*?\])", re.DOTALL)
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"\
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<xmp:CreateDate>{date}</xmp:CreateDate>
<xmp:ModifyDate>{date}</xmp:ModifyDate>
<xmp:MetadataDate>{date}</xmp:MetadataDate>
<xmp:CreatorTool>{creator}</xmp:CreatorTool>
<pdf:Producer>{creator}</pdf:Producer>
{conformance}</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>
"""
_INTENT = (
    b"/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)"
    b"/DestOutputProfile %d 0 R>>]"
)
_DATE = "D:%Y%m%d%H%M%S+00'00'"
_INFORMATION = b"<</Creator(%b)/Producer(%b)/CreationDate(%b)/ModDate(%b)>>"
_PDF_A = "<pdfaid:part>2</pdfaid:part>\n<pdfaid:conformance>B</pdfaid:conformance>\n"


def describe(file: BinaryIO, *, pdf_a: bool) -> None:
    """Appends the metadata to a file that PDFium wrote, opened for reading and writing.

    The information dictionary and XMP of a source PDF file are kept.

    Args:
        file: the file, whose end is appended to.
        pdf_a: whether the file declares conformance to PDF/A-2b (ISO 19005-2).

    Raises:
        OSError: the file is not in the form that PDFium writes, or cannot be written.
    """
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - _TAIL_BYTES))
    tail = file.read()
    start, trailer = _START.search(tail), tail[tail.rfind(b"trailer") :]
    root, size, identifiers = _ROOT.search(trailer), _SIZE.search(trailer), _IDENTIFIERS.search(trailer)
    if start is None or root is None or size is None or identifiers is None:
        raise OSError("the written file has no trailer")
    table, info = int(start[1]), _INFO.search(trailer)
    catalog = _object(file, table, int(root[1]))
    objects, numbers, entries = dict[int, bytes](), itertools.count(int(size[1])), b""
    info_number = None if info is None else int(info[1])
    if b"/Metadata" not in catalog:
        now, creator = datetime.now(UTC).replace(microsecond=0), f"edgeocr {version('edgeocr')}"
        xmp = _XMP.format(date=now.isoformat(), creator=creator, conformance=_PDF_A if pdf_a else "")
        objects[number := next(numbers)] = _stream(b"/Type/Metadata/Subtype/XML", xmp.encode())
        entries += b"/Metadata %d 0 R" % number
        # PDFium's own dictionary only names PDFium as the producer; a source file's says more.
        if info_number is None or b"(PDFium)" in _object(file, table, info_number):
            info_number = next(numbers) if info_number is None else info_number
            objects[info_number] = _INFORMATION % (*(creator.encode(),) * 2, *(now.strftime(_DATE).encode(),) * 2)
    if pdf_a:
        objects[number := next(numbers)] = _stream(b"/N 3/Filter/FlateDecode", zlib.compress(srgb_profile()))
        entries += _INTENT % number
    if entries:
        objects[int(root[1])] = catalog[: catalog.rindex(b">>")] + entries + b">>"
        described = b"" if info_number is None else b"/Info %d 0 R" % info_number
        _append(file, objects, b"%b%b/ID%b/Size %d" % (root[0], described, identifiers[1], next(numbers)), before=table)


def _object(file: BinaryIO, table: int, number: int) -> bytes:
    """The text of an object, found through the cross-reference tables."""
    while True:
        file.seek(table)
        if not file.readline().startswith(b"xref"):
            break
        while (row := file.readline().split()) and row[0].isdigit():
            first, count = int(row[0]), int(row[1])
            entries = file.read(20 * count)
            if first <= number < first + count:
                file.seek(int(entries[20 * (number - first) : 20 * (number - first) + 10]))
                return _body(file)
        if (before := re.search(rb"/Prev (\d+)", file.read(_TAIL_BYTES).partition(b"startxref")[0])) is None:
            break
        table = int(before[1])
    raise OSError("the written file lacks an object")


def _body(file: BinaryIO) -> bytes:
    text = b""
    while b"endobj" not in text:
        if not (more := file.read(_TAIL_BYTES)):
            raise OSError("the written file ends within an object")
        text += more
    return text[text.index(b"obj") + 3 : text.index(b"endobj")].strip()


def _stream(entries: bytes, data: bytes) -> bytes:
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (entries, len(data), data)


def _append(file: BinaryIO, objects: dict[int, bytes], trailer: bytes, *, before: int) -> None:
    place = file.seek(0, os.SEEK_END)
    table = b""
    for number, text in sorted(objects.items()):
        data = b"%d 0 obj\n%b\nendobj\n" % (number, text)
        table += b"%d 1\n%010d 00000 n \n" % (number, place)
        file.write(data)
        place += len(data)
    file.write(b"xref\n%btrailer\n<<%b/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (table, trailer, before, place))
