"""Licence plates of mainland China, whose first character is one of thirty-one provinces and mostly a blur.

Where the likeliest character is no province and the rest of the line has a plate's form, the likeliest province among
the character's alternatives is read.
"""

import re
from dataclasses import replace

from edgeocr.model.results import Alternative, Character

PROVINCES = frozenset("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼")

# GA 36-2018: a letter for the city, five characters or, of electric cars, six; neither has an I or an O.
_PLATE = re.compile(r"[\u4e00-\u9fff][A-HJ-NP-Z][·•.]?[A-HJ-NP-Z0-9]{5,6}")


def with_province(characters: list[Character]) -> list[Character]:
    """The characters of a line with the likeliest province in front, or as they are if it is no plate's or has one."""
    text = "".join(character.text for character in characters)
    if _PLATE.fullmatch(text) is None or text[0] in PROVINCES:
        return characters
    first = characters[0]
    likely = [other for other in first.alternatives if other.text in PROVINCES]
    if not likely:
        return characters
    province = max(likely, key=lambda other: other.confidence)
    others = [Alternative(first.text, first.confidence), *(other for other in first.alternatives if other != province)]
    read = replace(first, text=province.text, confidence=province.confidence, alternatives=tuple(others))
    return [read, *characters[1:]]
