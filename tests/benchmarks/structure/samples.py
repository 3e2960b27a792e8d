"""Drawn pages and tables with right answers, one or more of each kind that documents have."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tests.benchmarks.structure.typesetting import Sample, Unit, drawn_text
from tests.support.rendering import font

__all__ = ["TABLES", "TEXTS", "TableSample", "drawn_table", "drawn_text"]

_RIVER = (
    "The har~bour lies where the river widens, and for as long as anybody re~mem~bers its peo~ple have lived from what "
    "the boats bring home. In the mor~nings the nets are spread on the wall, and who~ever has time helps to mend them."
)
_WINTER = (
    "When the ice comes, in a hard winter even be~fore Christ~mas, the well-known ferry stays on the other side. Then "
    "the post is car~ried over by sledge, and the school has holi~days until the thaw."
)
_MILL = (
    "There were three mills once. Two of them burnt down, the third one is a mu~se~um to~day; its wheel still turns on "
    "Sun~days, and chil~dren are given flour to take home."
)
_HAN = (
    "春天来到山谷的时候，河水慢慢涨了起来。村里的人把船从仓库里推出来，修好了旧的木板，准备迎接新的一年。",
    "老人们坐在桥边说话，孩子们在岸上放风筝。远处的山上还有一些雪，可是空气里已经有了花的香味，大家都觉得很高兴。",
    "到了晚上，灯一盏一盏地亮起来，整个村子安静得只听得见水声。",
)
_WHOLE = (60, 60, 880)


TEXTS: Mapping[str, Sample] = {
    "book, first rows indented": Sample(
        (
            (
                _WHOLE,
                (
                    Unit("The Harbour", 40, centred=True),
                    *(
                        Unit(text, first=40 if place else 0, gap=30 if not place else 0, justified=True)
                        for place, text in enumerate((_RIVER, _WINTER, _MILL, _WINTER))
                    ),
                ),
            ),
        )
    ),
    "article, gaps between paragraphs": Sample(
        (
            (
                _WHOLE,
                (
                    Unit("A short history of the river", 36),
                    Unit(_RIVER, gap=24),
                    Unit(_WINTER, gap=24),
                    Unit("The mills", 30, gap=30),
                    Unit(_MILL, gap=16),
                    Unit(_RIVER, gap=24),
                ),
            ),
        )
    ),
    "two columns, justified": Sample(
        (
            ((50, 60, 430), (Unit(_RIVER, justified=True), Unit(_WINTER, first=30, justified=True))),
            ((530, 60, 430), (Unit(_MILL, justified=True), Unit(_RIVER, first=30, justified=True))),
        )
    ),
    "Chinese, indented by two": Sample(
        (
            (
                _WHOLE,
                (
                    Unit("山谷的春天", 38, centred=True),
                    *(Unit(text, first=48, gap=20 * (not place)) for place, text in enumerate(_HAN)),
                ),
            ),
        )
    ),
    "Chinese notice with sections": Sample(
        (
            (
                _WHOLE,
                (
                    Unit("关于春季学期安排的通知", 36, centred=True),
                    Unit("各位家长：", gap=24),
                    Unit(_HAN[0], first=48),
                    Unit("一、上课时间", 28, gap=16),
                    Unit(_HAN[1], first=48),
                    Unit("二、注意事项", 28, gap=16),
                    Unit(_HAN[2], first=48),
                ),
            ),
        )
    ),
    "Chinese in two columns": Sample(
        (
            ((50, 60, 430), tuple(Unit(text, first=48) for text in _HAN)),
            ((530, 60, 430), tuple(Unit(text, first=48) for text in reversed(_HAN))),
        )
    ),
    "letter": Sample(
        (
            (
                _WHOLE,
                (
                    Unit("Northern Ferry Company"),
                    Unit("12 Quay Street"),
                    Unit("Port Ellen PA42 7BL"),
                    Unit("3 May 2026", gap=40),
                    Unit("Dear Mr Campbell,", gap=40),
                    Unit(_WINTER, gap=20),
                    Unit(_RIVER, gap=20),
                    Unit("Yours sincerely,", gap=20),
                    Unit("Anna Reid", gap=60),
                    Unit("Head of Services"),
                ),
            ),
        )
    ),
    "list with hanging rows": Sample(
        (
            (
                _WHOLE,
                (
                    Unit("What to bring", 34),
                    Unit("• " + _MILL, left=20, gap=20),
                    Unit("• a warm coat, since the ferry has no cabin", left=20),
                    Unit("• " + _WINTER, left=20),
                    Unit("• money for the toll", left=20),
                ),
            ),
        )
    ),
    "numbered list": Sample(
        (
            (
                _WHOLE,
                (
                    Unit("How to moor a boat", 34),
                    Unit("1. Come alongside slowly, against wind and stream.", gap=20),
                    Unit(
                        "2. Have the lines ready on the side that you will land on, and a fender over the rail before "
                        "you are close to the wall."
                    ),
                    Unit("3. Make fast forward first."),
                    Unit("4. Tell the harbour master."),
                    Unit(_RIVER, gap=30),
                ),
            ),
        )
    ),
    "receipt": Sample(
        (
            (
                (60, 60, 500),
                (
                    Unit("HARBOUR STATIONERY", 30),
                    Unit("42 Quay Street, Port Ellen"),
                    Unit("TAX INVOICE No. 2026-00417"),
                    Unit("Notebook A5 2 x 3.50", gap=30, right="7.00"),
                    Unit("Fountain pen 1 x 18.90", right="18.90"),
                    Unit("TOTAL", gap=30, right="25.90"),
                    Unit("Thank you, come again!", gap=30),
                ),
            ),
        ),
        width=640,
    ),
    "receipt, centred head": Sample(
        (
            (
                (60, 60, 500),
                (
                    Unit("STERN BAKERY SDN BHD", centred=True),
                    Unit("Reg. No. 201801-X", centred=True),
                    Unit("No 8, Jalan Besar 7/118", centred=True),
                    Unit("Tel: 03-5512 8890", centred=True),
                    Unit("Loaf, white", gap=30, right="3.20"),
                    Unit("Buns x 6", right="4.80"),
                    Unit("TOTAL", right="8.00"),
                ),
            ),
        ),
        width=640,
    ),
    "poem": Sample(
        (
            (
                _WHOLE,
                tuple(
                    Unit(text, gap=gap)
                    for text, gap in (
                        ("The boats come home at evening,", 0),
                        ("the gulls behind them cry,", 0),
                        ("and all the windows of the town", 0),
                        ("are lit below the sky.", 0),
                        ("Who waits upon the landing", 30),
                        ("has waited there before,", 0),
                        ("and counts the sails, and counts again,", 0),
                        ("and would that there were more.", 0),
                    )
                ),
            ),
        )
    ),
    "form": Sample(
        (
            (
                _WHOLE,
                (
                    Unit("Application for a berth", 36),
                    Unit("Name: Anna Reid", gap=24),
                    Unit("Address: 12 Quay Street, Port Ellen"),
                    Unit("Length of the boat: 7.50 m"),
                    Unit("Date: 3 May 2026"),
                ),
            ),
        )
    ),
}


@dataclass(frozen=True)
class TableSample:
    """A table: its cells, where columns begin, and which rules it has."""

    rows: tuple[tuple[str, ...], ...]
    lefts: tuple[int, ...]
    ruled: str = ""
    """`all` rules, those above and below the `head` and at the end, or none."""
    right: tuple[int, ...] = ()
    """Columns whose cells end at the next one's beginning, as figures do."""
    size: int = 24
    pitch: int = 44


_PRICES = (
    ("Item", "Size", "Number", "Price"),
    ("Bolt", "M6", "120", "0.40"),
    ("Nut", "M6", "340", "0.25"),
    ("Washer", "M8", "1,200", "0.10"),
    ("Anchor plate", "M12", "8", "14.50"),
)
_WEEK = (
    ("时间", "星期一", "星期二", "星期三"),
    ("8:00", "语文", "数学", "英语"),
    ("9:00", "数学", "语文", "体育"),
    ("10:00", "英语", "音乐", "语文"),
)
_FERRY = (
    ("Boat", "Leaves", "Arrives"),
    ("Hebrides", "7:15", "9:20"),
    ("Isle of Arran", "10:30", "12:35"),
    ("Finlaggan", "14:00", "16:05"),
    ("Hebrides", "18:10", "20:15"),
)

TABLES: Mapping[str, TableSample] = {
    "ruled": TableSample(_PRICES, (60, 300, 440, 600, 760), "all"),
    "ruled, Chinese": TableSample(_WEEK, (60, 220, 380, 540, 700), "all"),
    "rules at the head": TableSample(_FERRY, (60, 320, 520, 700), "head"),
    "rules at the head, figures to the right": TableSample(_PRICES, (60, 300, 440, 600, 760), "head", right=(2, 3)),
    "no rules": TableSample(_PRICES, (60, 300, 440, 600, 760)),
    "no rules, figures to the right": TableSample(_PRICES, (60, 300, 440, 600, 760), right=(2, 3)),
    "no rules, Chinese": TableSample(_WEEK, (60, 220, 380, 540, 700)),
    "no rules, small": TableSample(_FERRY, (60, 240, 380, 520), size=18, pitch=30),
    "empty cells": TableSample(
        (("Day", "Morning", "Evening"), ("Monday", "open", ""), ("Tuesday", "", "open"), ("Friday", "open", "open")),
        (60, 240, 420, 600),
        "all",
    ),
}


def drawn_table(sample: TableSample) -> NDArray[np.uint8]:
    """The table on a white page, H×W×3 BGR."""
    picture = Image.new("RGB", (sample.lefts[-1] + 60, 120 + sample.pitch * len(sample.rows)), "white")
    draw, face, top = ImageDraw.Draw(picture), font(sample.size), 60
    for row, texts in enumerate(sample.rows):
        for column, text in enumerate(texts):
            x: float = sample.lefts[column] + 10
            if column in sample.right:
                x = sample.lefts[column + 1] - 10 - face.getlength(text)
            draw.text((x, top + sample.pitch * row + 2), text, "black", face)
    left, right = sample.lefts[0], sample.lefts[-1]
    rows = {"all": range(len(sample.rows) + 1), "head": (0, 1, len(sample.rows))}.get(sample.ruled, ())
    for row in rows:
        draw.line((left, top + sample.pitch * row, right, top + sample.pitch * row), "black", 2)
    for x in sample.lefts if sample.ruled == "all" else ():
        draw.line((x, top, x, top + sample.pitch * len(sample.rows)), "black", 2)
    return np.asarray(picture, np.uint8)[:, :, ::-1].copy()
