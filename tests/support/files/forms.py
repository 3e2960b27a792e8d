"""Filled PDF forms for tests, written here: a field of each kind, as different programs leave it."""

from dataclasses import dataclass, field

from tests.support.files.pdfs import file_of, stream_of

_WIDTH, _HEIGHT = 400, 200
_DRAWN = b"/Type/XObject/Subtype/Form/BBox[0 0 %d %d]/Resources<</Font<</F 3 0 R/Z 8 0 R>>>>"


@dataclass(frozen=True)
class Widget:
    """A field as it is drawn, and the texts that a reader sees there.

    Attributes:
        entries: of its dictionary; the first appearance is object 20 and so on.
        reads: what stands there.
        box: left, bottom, right, top in points.
        appearances: of each, what it draws.
        parent: the entries of a field above it, where its kind and value stand.
        beside: text of the page at its right.
    """

    entries: bytes
    reads: tuple[str, ...]
    box: tuple[int, int, int, int] = (20, 90, 300, 120)
    appearances: tuple[bytes, ...] = ()
    parent: bytes = b""
    subtype: bytes = b"Widget"
    beside: bytes = b""


@dataclass(frozen=True)
class Form:
    """A page with a label and a widget.

    Attributes:
        widget: the field.
        rotation: of the page, in degrees.
        needs_appearances: whether it says that its appearances are to be made.
        media: left and bottom of the page.
    """

    widget: Widget
    rotation: int = 0
    needs_appearances: bool = True
    media: tuple[int, int] = field(default=(0, 0))

    def pdf(self) -> bytes:
        """The file."""
        left, bottom, right, top = self.widget.box
        across, down = self.media
        flag = b"true" if self.needs_appearances else b"false"
        parent = b"/Parent 9 0 R" if self.widget.parent else b"/T(value)"
        root = b"9 0 R" if self.widget.parent else b"6 0 R"
        fields = b"" if self.widget.subtype != b"Widget" else root
        objects = {
            1: b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[%s]/DR<</Font<</F 3 0 R/Z 8 0 R>>>>/DA(/F 0 Tf 0 g)"
            b"/NeedAppearances %s>>>>" % (fields, flag),
            2: b"<</Type/Pages/Count 1/Kids[4 0 R]>>",
            3: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
            4: b"<</Type/Page/Parent 2 0 R/MediaBox[%d %d %d %d]/Rotate %d/Contents 5 0 R/Annots[6 0 R]"
            b"/Resources<</Font<</F 3 0 R>>>>>>" % (across, down, across + _WIDTH, down + _HEIGHT, self.rotation),
            5: stream_of(
                b"",
                b"BT /F 20 Tf %d %d Td (Form label) Tj 34 -64 Td (%s) Tj ET"
                % (across + 20, down + 160, self.widget.beside),
            ),
            6: b"<</Type/Annot/Subtype/%s%s/P 4 0 R/F 4/Rect[%d %d %d %d]%s>>"
            % (
                *(self.widget.subtype, parent if self.widget.subtype == b"Widget" else b""),
                *(across + left, down + bottom, across + right, down + top, self.widget.entries),
            ),
            8: b"<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>",
        }
        if self.widget.parent:
            objects[9] = b"<</T(value)/Kids[6 0 R]%s>>" % self.widget.parent
        for place, drawn in enumerate(self.widget.appearances):
            objects[20 + place] = stream_of(_DRAWN % (right - left, top - bottom), drawn)
        return file_of(objects, b"/Root 1 0 R")


_DA = b"/DA(/F 20 Tf 0 g)"
_PLAIN = Widget(b"/FT/Tx/V(Filled in 42)" + _DA, ("Filled in 42",))
_CHOICE = b"/FT/Ch/Ff 131072/Opt[(Red paint)(Green paint)]/V(Green paint)" + _DA


def _drawn(subtype: bytes, entries: bytes, text: str, drawing: bytes) -> Form:
    """A form whose field shows its text by an appearance alone; the drawing has %s where the text is."""
    appearance = drawing % text.encode("ascii")
    return Form(Widget(entries + b"/AP<</N 20 0 R>>", (text,), appearances=(appearance,), subtype=subtype))


def _box(kind: bytes, state: bytes, reads: str, mark: bytes = b"4") -> Widget:
    """A box with a frame, which may be ticked, in front of a text of the page."""
    entries = b"/FT/Btn%s/V/%s/AS/%s/MK<</BC[0]/CA(%s)>>/BS<</W 1>>" % (kind, state, state, mark)
    ticked = b"1 w .5 .5 23 23 re S BT /Z 20 Tf 3 4 Td (%s) Tj ET" % mark
    states = b"/AP<</N<</Yes 20 0 R/Off 21 0 R>>>>"
    return Widget(
        entries + states, (reads,), (20, 90, 44, 114), (ticked, b"1 w .5 .5 23 23 re S"), beside=b"Paid by card"
    )


FORMS = {
    "text": Form(_PLAIN),
    "text whose appearances are not asked for": Form(_PLAIN, needs_appearances=False),
    "text as it was drawn": Form(
        Widget(
            b"/FT/Tx/V(Drawn as 17)/AP<</N 20 0 R>>" + _DA,
            ("Drawn as 17",),
            appearances=(b"/Tx BMC q BT /F 20 Tf 2 8 Td (Drawn as 17) Tj ET Q EMC",),
        ),
        needs_appearances=False,
    ),
    "text on a page on its side": Form(_PLAIN, rotation=90),
    "text on a page upside down": Form(_PLAIN, rotation=180),
    "text on a page on its other side": Form(_PLAIN, rotation=270),
    "text on a page that begins elsewhere": Form(_PLAIN, media=(100, -50)),
    "several lines": Form(
        Widget(
            b"/FT/Tx/Ff 4096/V(First line 1\\rSecond line 2)" + _DA,
            ("First line 1", "Second line 2"),
            (20, 60, 300, 130),
        )
    ),
    "text at the right": Form(Widget(b"/FT/Tx/Q 2/V(1 234.56)" + _DA, ("1 234.56",))),
    "text in the middle": Form(Widget(b"/FT/Tx/Q 1/V(Middle name)" + _DA, ("Middle name",))),
    "a character a cell": Form(Widget(b"/FT/Tx/Ff 16777216/MaxLen 10/V(2026114875)" + _DA, ("2026114875",))),
    "text of a size that fits": Form(Widget(b"/FT/Tx/V(As large as fits)/DA(/F 0 Tf 0 g)", ("As large as fits",))),
    "text of a field above": Form(Widget(b"", ("From the parent",), parent=b"/FT/Tx/V(From the parent)" + _DA)),
    "text in UTF-16": Form(Widget(b"/FT/Tx/V<FEFF00530074007200610073007300650020003500>" + _DA, ("Strasse 5",))),
    "a turned field": Form(
        Widget(b"/FT/Tx/V(Turned field 3)/MK<</R 90>>" + _DA, ("Turned field 3",), (300, 10, 330, 190))
    ),
    "a choice": Form(Widget(_CHOICE, ("Green paint",))),
    "a choice with names for its values": Form(
        Widget(b"/FT/Ch/Ff 131072/Opt[[(r)(Red paint)][(g)(Green paint)]]/V(g)" + _DA, ("Green paint",))
    ),
    "a list": Form(
        Widget(
            b"/FT/Ch/Opt[(Monday)(Tuesday)(Wednesday)]/V(Tuesday)/I[1]" + _DA,
            ("Monday", "Tuesday", "Wednesday"),
            (20, 40, 300, 130),
        )
    ),
    "a ticked box": Form(_box(b"", b"Yes", "☑ Paid by card")),
    "a crossed box": Form(_box(b"", b"Yes", "☑ Paid by card", b"8"), needs_appearances=False),
    "a box without a tick": Form(_box(b"", b"Off", "☐ Paid by card")),
    "a signature": _drawn(b"Widget", b"/FT/Sig", "Signed by A. Sample", b"BT /F 18 Tf 4 8 Td (%s) Tj ET"),
    "text beside no field": _drawn(
        b"FreeText", b"/Contents(Typed onto it)/DA(/F 20 Tf 0 g)", "Typed onto it", b"BT /F 20 Tf 2 8 Td (%s) Tj ET"
    ),
    "a stamp": _drawn(
        b"Stamp",
        b"/Name/Approved",
        "APPROVED",
        b"1 0 0 RG 2 w 2 2 200 26 re S 1 0 0 rg BT /F 20 Tf 30 8 Td (%s) Tj ET",
    ),
}
