"""Rendered pages of the kinds that readers lose lines on, small enough to be read in a second each, with their text."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw

from tests.support.rendering import Pixels, font, with_seal

WORDS = (
    *("committee", "still", "has", "offered", "coffee", "to", "three", "staff", "letters", "and", "summer", "agree"),
    *("little", "follow", "notes"),
)
HAN = "设备清单和测试报告由委员会审定后公布实施各部门按期完成本年度工作计划"

Page = tuple[Pixels, list[str]]


def words(count: int, seed: int) -> str:
    return " ".join(WORDS[(seed + (3 + seed // len(WORDS)) * place) % len(WORDS)] for place in range(count))


def han(count: int, seed: int) -> str:
    return "".join(HAN[(5 * seed + place) % len(HAN)] for place in range(count))


def _page(width: int, height: int, colour: str = "white") -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (width, height), colour)
    return picture, ImageDraw.Draw(picture)


def _pixels(picture: Image.Image) -> Pixels:
    return np.asarray(picture, np.uint8)[:, :, ::-1].copy()


def _write(draw: ImageDraw.ImageDraw, left: int, top: int, pitch: int, size: int, lines: Sequence[str]) -> None:
    for place, text in enumerate(lines):
        draw.text((left, top + place * pitch), text, "black", font(size))


def long_capture() -> Page:
    lines = [f"{place:02d} {words(3, place)}" for place in range(30)]
    picture, draw = _page(480, 4000)
    _write(draw, 30, 40, 130, 28, lines)
    return _pixels(picture), lines


def small_print_on_a_screen() -> Page:
    lines = [words(4, place) for place in range(24)]
    picture, draw = _page(3840, 700)
    _write(draw, 60, 30, 26, 15, lines)
    return _pixels(picture), lines


def fine_print() -> Page:
    lines = [words(6, place) for place in range(20)]
    picture, draw = _page(2480, 1400)
    _write(draw, 150, 100, 40, 25, lines)
    return _pixels(picture), lines


def column_rules() -> Page:
    rows = [[words(2, place), str(10 + 7 * place), f"{3.5 * place + 12:.2f}"] for place in range(6)]
    xs = 30, 420, 560, 740
    picture, draw = _page(780, 340)
    for place, row in enumerate([["Item", "Count", "Price"], *rows]):
        for left, text in zip(xs, row, strict=False):
            draw.text((left + 12, 34 + 40 * place), text, "black", font(22))
    for x in xs:
        draw.line((x, 30, x, 315), "black", 2)
    for y in (30, 72, 315):
        draw.line((xs[0], y, xs[-1], y), "black", 2)
    return _pixels(picture), ["Item Count Price", *(" ".join(row) for row in rows)]


def window_panes() -> Page:
    side, body = [words(1, place) + f" {place}" for place in range(7)], [words(4, place) for place in range(9)]
    picture, draw = _page(1000, 620)
    draw.rectangle((10, 10, 990, 60), outline="grey", width=2)
    for left, right in ((10, 250), (250, 990)):
        draw.rectangle((left, 60, right, 600), outline="grey", width=2)
    draw.text((380, 18), "Inbox of notes", "black", font(22))
    _write(draw, 30, 80, 66, 22, side)
    _write(draw, 280, 80, 52, 22, body)
    return _pixels(picture), ["Inbox of notes", *side, *body]


def narrow_gutter() -> Page:
    left, right = ([_filled(610, 15 * side + place, 26) for place in range(9)] for side in (0, 1))
    picture, draw = _page(1360, 460)
    _write(draw, 40, 30, 44, 26, left)
    _write(draw, 40 + 610 + 24, 30, 44, 26, right)
    return _pixels(picture), [*left, *right]


def _filled(width: int, seed: int, size: int) -> str:
    return next(text for count in range(20, 0, -1) if font(size).getlength(text := words(count, seed)) <= width)


def columns_and_level_lines() -> Page:
    columns, level = [han(7, place) for place in range(4)], [han(16, 9 + place) for place in range(4)]
    picture, draw = _page(640, 600)
    for place, text in enumerate(columns):
        for row, character in enumerate(text):
            draw.text((560 - 64 * place, 20 + 36 * row), character, "black", font(32))
    _write(draw, 40, 360, 54, 30, level)
    return _pixels(picture), [*columns, *level]


def _columns(draw: ImageDraw.ImageDraw, right: int, step: int, pitch: int, size: int, columns: Sequence[str]) -> None:
    """Characters below one another from y = 24 on, and stops at the right of the upper half of their cells."""
    for place, text in enumerate(columns):
        for row, character in enumerate(text):
            moved = (size * 0.55, -size * 0.5) if character in "，。、" else (0, 0)
            corner = right - step * place + moved[0], 24 + pitch * row + moved[1]
            draw.text(corner, character, "black", font(size))


def stops_in_columns() -> Page:
    columns = [
        f"{han(4 + place, place)}，{han(5 - place % 2, 7 + place)}{stop}" for place, stop in enumerate("。，。，")
    ]
    picture, draw = _page(360, 560)
    _columns(draw, 290, 72, 42, 36, columns)
    return _pixels(picture), columns


def grid_of_characters() -> Page:
    columns = [han(8, 3 * place) for place in range(5)]
    picture, draw = _page(280, 410)
    _columns(draw, 210, 45, 45, 40, columns)
    return _pixels(picture), columns


def wide_punctuation() -> Page:
    lines = [
        "【重要通知】「引号」内容",
        "《管理办法》第五条规定：",
        "一、总则；二、细则。",
        "注意！（一）本合同",
        "谁家新燕啄春泥？乱花",
    ]
    picture, draw = _page(460, 340)
    _write(draw, 30, 20, 60, 30, lines)
    return _pixels(picture), lines


def tick_boxes() -> Page:
    lines = ["☑ 已婚人士", "☐ 未婚人士", "☑ Paid by card", "☐ Paid in cash"]
    picture, draw = _page(420, 320)
    for place, text in enumerate(lines):
        top = 24 + 72 * place
        draw.rectangle((30, top + 8, 56, top + 34), outline="black", width=2)
        if text[0] == "☑":
            draw.line((35, top + 20, 42, top + 30, 60, top + 2), "black", 3)
        draw.text((72, top), text[2:], "black", font(30))
    return _pixels(picture), lines


def seals_over_text() -> Page:
    lines = [han(22, place) for place in range(5)]
    picture, draw = _page(820, 320)
    _write(draw, 40, 30, 52, 30, lines)
    red = with_seal(_pixels(picture), (180, 40, 400, 260), "某市样例科技有限公司")
    return with_seal(red, (460, 60, 700, 250), "样例合同专用章", "#2846c0"), lines


def brackets_and_degrees() -> Page:
    lines = ["中国（CHN）标准", "人民币（元）合计", "温度 25±3℃", "不超过 60℃"]
    picture, draw = _page(380, 280)
    _write(draw, 24, 20, 62, 30, lines)
    return _pixels(picture), lines


def textures() -> Page:
    lines = [words(5, place) for place in range(4)]
    picture, draw = _page(760, 420)
    _write(draw, 30, 20, 42, 24, lines)
    pixels = _pixels(picture)
    dots = np.where(np.random.default_rng(1).random((90, 680)) < 0.5, 0, 255)
    pixels[220:310, 30:710] = dots[:, :, np.newaxis]
    return pixels, lines


def large_characters() -> Page:
    picture, draw = _page(800, 420)
    draw.text((40, 0), "BIG 80", "black", font(220))
    return _pixels(picture), ["BIG 80"]


KINDS: dict[str, Callable[[], Page]] = {
    kind.__name__: kind
    for kind in (
        *(long_capture, small_print_on_a_screen, fine_print, column_rules, window_panes, narrow_gutter),
        *(columns_and_level_lines, stops_in_columns, grid_of_characters, wide_punctuation, brackets_and_degrees),
        *(tick_boxes, seals_over_text, textures, large_characters),
    )
}
