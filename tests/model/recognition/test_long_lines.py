import itertools

import numpy as np
import pytest

from edgeocr.model.files.image import PixelFormat, RawImage
from edgeocr.model.networks.session import Network
from edgeocr.model.options import Mode
from edgeocr.model.pixels import Picture
from edgeocr.model.recognition import recogniser
from edgeocr.model.recognition.ctc import Path
from edgeocr.model.recognition.long_lines import OVERLAP_STEPS, joined, windows
from edgeocr.model.timing import Trace
from tests.support.rendering import line

pytestmark = pytest.mark.slow

WORDS = (
    *("The quick brown fox jumps over the lazy dog,", "twelve wagons leave the northern harbour at", "half past nine."),
    *(
        "Delivery of 2026 pumps",
        "was paid on Monday; nobody",
        "asked for a receipt, since",
        "all of it was known.",
    ),
)
CLAUSES = (
    *(
        "设备清单和测试报告已经完成，",
        "请在星期五之前送到北京办公室。",
        "我们需要清洁的空气和水，",
        "每个人都可以参加会议。",
    ),
    *("春天来了，花园里开满了花，", "图书馆的书按照作者排列。", "火车将于上午九点到达上海，"),
)
LANGUAGES = {"English": (WORDS, " "), "Chinese": (CLAUSES, "")}


def of_width(language: str, width: int) -> str:
    """A text whose line, scaled to the network's height, is about that wide."""
    parts, gap = LANGUAGES[language]
    text = ""
    for part in itertools.cycle(parts):
        longer = f"{text}{gap if text else ''}{part}"
        pixels = line(longer)
        if pixels.shape[1] * 48 / pixels.shape[0] > width:
            return text
        text = longer
    raise AssertionError


def read(reader, text):
    pixels = line(text)
    source = RawImage(pixels.tobytes(), PixelFormat.BGR24, pixels.shape[1], pixels.shape[0])
    *_, done = reader.read(source, Mode.LINE, Trace())
    return done.page.lines[0]


@pytest.mark.parametrize("steps", [1, 400, 401, 760, 761, 1500, 6400])
def test_windows_cover_all_and_share_steps_with_the_next(steps):
    spans = windows(steps, 400)
    assert spans[0][0] == 0
    assert spans[-1][1] == steps
    assert all(0 < end - start <= 400 for start, end in spans)
    assert all(before[1] - after[0] == OVERLAP_STEPS for before, after in itertools.pairwise(spans))
    assert len(spans) == max(1, -(-(steps - OVERLAP_STEPS) // (400 - OVERLAP_STEPS)))


def path(*classes):
    likely = np.linspace(0.5, 1, len(classes), dtype=np.float32)
    others = np.zeros((len(classes), 3))
    return Path(np.array(classes, np.intp), likely, others.astype(np.intp), others.astype(np.float32))


def test_paths_are_joined_where_they_agree():
    # The first window cut a 5 in two, the second begins within a 3.
    first, second = path(1, 0, 2, 0, 3, 0, 4, 0, 0, 7), path(9, 0, 4, 0, 0, 5, 0, 6)
    classes, likely, *_ = joined([first, second], [(0, 10), (4, 12)])
    assert classes.tolist() == [1, 0, 2, 0, 3, 0, 4, 0, 0, 5, 0, 6]
    assert len(likely) == len(classes)
    assert likely[:6].tolist() == first[1][:6].tolist()
    assert likely[8:].tolist() == second[1][4:].tolist()


def test_the_same_character_a_step_apart_is_not_taken_twice():
    first, second = path(0, 0, 0, 8, 0, 0, 0, 0, 0, 0), path(0, 0, 8, 0, 0, 0, 0, 0, 0)
    classes, *_ = joined([first, second], [(0, 10), (2, 11)])
    assert np.count_nonzero(classes) == 1


def test_paths_that_never_agree_are_joined_in_the_middle():
    classes, *_ = joined([path(1, 1, 1, 1), path(2, 2, 2, 2)], [(0, 4), (0, 4)])
    assert classes.tolist() == [1, 1, 2, 2]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [3100, 3400, 6000, 9100, 14500])
def test_a_line_of_any_width_is_read_as_it_stands(reader, language, width):
    text = of_width(language, width)
    found = read(reader, text)
    assert found.text.replace(" ", "") == text.replace(" ", "")
    starts = [character.start for character in found.characters]
    assert starts == sorted(starts)
    pixels = line(text)
    # Where the text's second half begins, within a character of the line's height.
    half = text[: len(text) // 2].replace(" ", "")
    place = len(half)
    spoken = [character for character in found.characters if character.text != " "]
    expected = (line(text[: len(text) // 2]).shape[1] - 6) / pixels.shape[1]
    assert spoken[place].start == pytest.approx(expected, abs=pixels.shape[0] / pixels.shape[1])


def test_no_run_is_wider_than_the_widest_bucket(reader, monkeypatch):
    widths = []
    run = Network.run

    def noting(network, given, out):
        widths.append(given.shape)
        run(network, given, out)

    monkeypatch.setattr(Network, "run", noting)
    read(reader, of_width("English", 9900))
    columns = [shape[0] * shape[2] for shape in widths if len(shape) == 4]
    assert max(columns) <= recogniser.MAX_WIDTH
    assert len(columns) >= 4


@pytest.mark.parametrize("windows_read", [0, 1, 3])
def test_a_long_line_ends_at_the_next_window_once_there_is_no_use_in_it(reader, monkeypatch, windows_read):
    class OfNoUseError(Exception):
        pass

    begun = []
    run = Network.run

    def noting(network, given, out):
        if len(given.shape) == 4:
            begun.append(given.shape)
        run(network, given, out)

    monkeypatch.setattr(Network, "run", noting)

    def check():
        if len(begun) == windows_read:
            raise OfNoUseError

    pixels = line(of_width("English", 14_500))
    picture = Picture(pixels, pixels.shape[1], pixels.shape[0])
    detected = reader.find(picture, Mode.LINE, Trace())
    (batch,) = reader.batches(detected)
    with pytest.raises(OfNoUseError):
        reader.recognise(detected, batch, Trace(), check)
    assert len(begun) == windows_read


def test_what_is_longer_than_any_line_is_read_without_an_error(reader):
    source = RawImage(bytes(4 * 60_000), PixelFormat.GREY8, 60_000, 4)
    *_, done = reader.read(source, Mode.LINE, Trace())
    assert done.page.width == 60_000
