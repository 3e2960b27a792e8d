"""What a terminal shows while images are read."""

import io
import re

from edgeocr.client import Line, LineEvent, Page, PageEvent
from edgeocr.client.cli.read.live import LiveView, fitted


def screen(output):
    """What is left to be seen of an output that goes up, and takes away what is below."""
    shown = ""
    for part in re.split(r"(\x1b\[\d+A\r\x1b\[J)", output):
        if up := re.match(r"\x1b\[(\d+)A", part):
            rows = shown.split("\n")
            shown = "".join(f"{row}\n" for row in rows[: len(rows) - 1 - int(up[1])])
        else:
            shown += part
    return shown


def line(text, index, page=0):
    return LineEvent(page, index, Line(((0, 0), (9, 0), (9, 9), (0, 9)), text, 0.9, ()))


class View(LiveView):
    """Draws whatever happens."""

    def __init__(self, images=1):
        self.output = io.StringIO()
        super().__init__(self.output, images)

    def show(self, *events):
        for event in events:
            self._drawn_at = float("-inf")
            self.line("a.pdf", event)
        return screen(self.output.getvalue())


def test_lines_are_shown_in_the_pages_order_as_they_come():
    view = View()
    assert view.show(line("second", 4)) == "second\n[0/1 pages] a.pdf: 1 lines\n"
    assert view.show(line("first", 1)) == "first\nsecond\n[0/1 pages] a.pdf: 2 lines\n"


def test_the_last_lines_are_shown_of_a_long_page():
    shown = View().show(*(line(f"line {number}", number) for number in range(40)))
    assert shown.split("\n")[:12] == [f"line {number}" for number in range(28, 40)]


def test_a_new_page_takes_the_place_of_the_one_before():
    view = View(images=2)
    view.show(line("old", 0))
    for _ in range(2):
        view.page("a.pdf", PageEvent(Page(0, 9, 9, ()), page_count=3))
    assert view.show(line("new", 0, page=2)) == "new\n[2/4 pages] a.pdf, page 3: 1 lines\n"


def test_what_is_written_meanwhile_stays_and_nothing_else_does():
    view = View()
    view.show(line("old", 0))
    with view.away():
        view.output.write("text\n")
    view.image("a.pdf")
    assert view.show(line("next", 0, page=1)).startswith("text\nnext\n[1/1 pages]")
    view.close()
    assert screen(view.output.getvalue()) == "text\n"


def test_text_is_cut_to_the_terminal_and_says_nothing_to_it():
    assert fitted("\x1b[2Jab\ncd", 20) == "[2Jabcd"
    assert fitted("中文字", 5) == "中文"
    assert fitted("abc", 2) == "ab"
