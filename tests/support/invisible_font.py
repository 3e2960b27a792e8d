"""Makes the font of searchable PDF files, which is never drawn: `python -m tests.support.invisible_font FILE`."""

import sys

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

_EM, _ADVANCE, _ASCENT, _DESCENT = 1000, 500, 800, -200


def main() -> None:
    names = [".notdef", "box"]
    pen = TTGlyphPen(None)
    # Viewers mark text that is selected by its box.
    pen.moveTo((0, _DESCENT))
    for corner in ((0, _ASCENT), (_ADVANCE, _ASCENT), (_ADVANCE, _DESCENT)):
        pen.lineTo(corner)
    pen.closePath()
    box = pen.glyph()
    builder = FontBuilder(_EM, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({0x20: "box"})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "box": box})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (_ADVANCE, 0)))
    builder.setupHorizontalHeader(ascent=_ASCENT, descent=_DESCENT)
    builder.setupNameTable({"familyName": "EdgeocrInvisible", "styleName": "Regular", "psName": "EdgeocrInvisible"})
    builder.setupOS2(sTypoAscender=_ASCENT, sTypoDescender=_DESCENT, fsType=0)
    builder.setupPost(keepGlyphNames=False)
    # The same bytes whenever it is made.
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.font.recalcTimestamp = False
    builder.save(sys.argv[1])


if __name__ == "__main__":
    main()
