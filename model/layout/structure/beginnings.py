"""What the text of a row says about its block: markers of lists, numbers of headings and pages, captions."""

import re
from dataclasses import dataclass

from edgeocr.characters import BULLETS, DASHES

_HAN_DIGITS = "一二三四五六七八九十"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_MARKER = re.compile(
    rf"(?P<bullet>[{BULLETS}])\s*(?=\S)"
    rf"|(?P<dash>[{DASHES}])\s+(?=\S)"
    r"|(?P<number>\d{1,3})(?:[.．](?![\d.．])|[)）、])\s*(?=\S)"
    r"|[(（](?P<round>\d{1,2})[)）]\s*(?=\S)"
    r"|(?P<letter>[a-zA-Z])(?:[.．]\s+|[)）]\s*)(?=\S)"
    rf"|(?P<han>[{_HAN_DIGITS}]{{1,3}})、\s*(?=\S)"
    rf"|(?P<circled>[{_CIRCLED}])\s*(?=\S)"
)
_CAPTION = re.compile(
    r"(?:(?:Fig(?:ure|\.)?|FIG(?:URE|\.)?|Table|TABLE|Tab\.|Plate|Scheme|Chart|Exhibit)\s*"
    r"(?:[A-Z]?\d+(?:[.\-–]\d+)*[a-z]?|[IVX]+)(?:\s*[.:：|](?=\s|$)|\s*$|\s+(?=[A-Z(]))"
    rf"|(?:图|圖|表|图表|附图|附表|插图)\s*(?:[A-Z]?\d+(?:[.\-–]\d+)*|[{_HAN_DIGITS}]+)"
    r"(?:\s*[.:：、]|\s*$|\s+(?!所|中|给|是|可|和|与|为))(?!\s*所示))"
)
_PAGE_NUMBER = re.compile(
    r"[-–—~·•\[(（]?\s*(?:\d{1,5}|[ivxlc]{1,7}|[IVXLC]{1,7})\s*[-–—~·•\])）]?"
    r"|[Pp](?:age|\.)\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?"
    r"|\d{1,4}\s*(?:of|/)\s*\d{1,4}"
    r"|第\s*\d{1,4}\s*[页頁](?:\s*[，,/]?\s*[共总總]\s*\d{1,4}\s*[页頁])?"
)
_BESIDE_NUMBER = re.compile(r"\d{1,5}\s+\S|.*\S\s+\d{1,5}$|.*[|/·•]\s*\d{1,5}$")
_MATHS = re.compile(r"[=<>∈∉∂∑∫∏√≤≥≠≈±×÷∞⊂∪∩]")
_SECTION = re.compile(
    r"(?P<depth>\d{1,2}(?:[.．]\d{1,2}){1,4})[.．]?\s*(?=[^\W\d_])"
    rf"|第\s*[{_HAN_DIGITS}百零〇\d]+\s*[章节節部分篇编回讲課课]"
    rf"|[{_HAN_DIGITS}]{{1,3}}、\s*(?=\S)"
    r"|(?:Chapter|CHAPTER|Section|SECTION|Part|PART|Appendix|APPENDIX)\s+(?:\d+|[IVXLC]+|[A-Z])\b"
)
_NAMED_SECTION = re.compile(
    r"(?:\d{1,2}[.．]?\s*|[IVX]+[.．]\s*)?(?:abstract|summary|introduction|background|related work|methods?|"
    r"methodology|experiments?|results|discussion|conclusions?|references|bibliography|acknowledge?ments?|appendix|"
    r"(?:table of )?contents|摘\s*要|目\s*[录錄]|前\s*言|引\s*言|概\s*述|[结結]\s*[论論]|"
    r"参考文献|參考文獻|致\s*[谢謝]|附\s*[录錄])",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?![a-z])[^\s:：]{1,24}(?: [^\s:：]{1,16}){0,4}\s*[:：]\s*\S")
_END = re.compile(r"[.!?。！？…:：;；][\"'”’」』)）]*$")


@dataclass(frozen=True, slots=True)
class Marker:
    """What begins an item of a list: its sort, and its number, 0 of bullets."""

    sort: str
    number: int
    length: int


def marker(text: str) -> Marker | None:
    """The marker that a row begins with, if any."""
    found = _MARKER.match(text)
    if found is None:
        return None
    sort = str(found.lastgroup)
    return Marker(sort, _number(sort, found[sort]), found.end())


def _number(sort: str, text: str) -> int:
    match sort:
        case "number" | "round":
            return int(text)
        case "letter":
            return ord(text.lower()) - ord("a") + 1
        case "circled":
            return _CIRCLED.index(text) + 1
        case "han":
            tens, ten, ones = text.rpartition("十")
            units = _HAN_DIGITS.index(ones) + 1 if ones else 0
            return (10 * (_HAN_DIGITS.index(tens[0]) + 1 if tens else 1) if ten else 0) + units
        case _:
            return 0


def is_caption(text: str) -> bool:
    """Whether a text begins as captions do, and not as a sentence that mentions a figure."""
    return _CAPTION.match(text) is not None


def is_page_number(text: str) -> bool:
    """Whether a text is nothing but a page's number."""
    return _PAGE_NUMBER.fullmatch(text.strip()) is not None


def has_page_number(text: str) -> bool:
    """Whether a text begins or ends with what may be a page's number."""
    return _BESIDE_NUMBER.match(text.strip()) is not None


def is_formula(text: str) -> bool:
    """Whether a text has signs of mathematics."""
    return _MATHS.search(text) is not None


def section_depth(text: str) -> int:
    """How deep the section is that a text numbers, from 1; 0 where it numbers none."""
    found = _SECTION.match(text)
    if found is None:
        return 0
    return 1 + found["depth"].count(".") + found["depth"].count("．") if found["depth"] else 1


def names_section(text: str) -> bool:
    """Whether a text is one of the titles that sections commonly have."""
    return _NAMED_SECTION.fullmatch(text.strip()) is not None


def has_label(text: str) -> bool:
    """Whether a row is a label with its value, as in `Date: 3 May`."""
    return _LABEL.match(text) is not None


def ends_sentence(text: str) -> bool:
    """Whether a row ends as sentences do."""
    return _END.search(text.rstrip()) is not None
