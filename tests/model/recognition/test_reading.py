"""Which recogniser reads a line, and whose text stands."""

from types import SimpleNamespace

import numpy as np
import pytest

from edgeocr.model.networks.manifest import Calibration
from edgeocr.model.options import Reading
from edgeocr.model.recognition.reading import LineReading, Recognisers
from edgeocr.model.recognition.rules.rule import DecodingRule
from edgeocr.model.results import Character, LineReader, ReadText
from edgeocr.model.timing import Trace

KEEP_ABOVE = 0.9


class Recogniser:
    """Reads a crop's brightness as its place among texts that were agreed on, and notes what it is given."""

    def __init__(self, name, calibration=None, **sure):
        self.name = name
        self.spec = SimpleNamespace(calibration=calibration or Calibration(), keep_above=KEEP_ABOVE)
        self.given, self.looked_for_plates = [], []
        self._sure = list(sure.items())

    def bucket(self, width, height):
        return 96 * -(-width // 96)

    def may_be_plate(self, read, width, height):
        return read.text == "plate"

    def read(self, crops, check, *, without=()):
        check()
        self.looked_for_plates.append(DecodingRule.PLATES not in without)
        self.given.append([crop.shape[1] for crop in crops])
        found = [self._sure[int(crop[0, 0, 0])] for crop in crops]
        return [ReadText(text, sure, (Character(text, sure, 0.0, 1.0),), self.name) for text, sure in found]


def crops(*widths):
    return [np.full((48, width, 3), place, np.uint8) for place, width in enumerate(widths)]


@pytest.fixture
def fast():
    return Recogniser(LineReader.FAST, a=0.99, b=0.7, c=0.4)


@pytest.fixture
def accurate():
    return Recogniser(LineReader.ACCURATE, A=0.999, B=0.8, C=0.3)


@pytest.fixture
def trace():
    return Trace()


def texts(found):
    return [(read.text, read.reader.value) for read in found]


def test_lines_that_the_fast_recogniser_is_sure_of_stand_and_others_are_read_again(fast, accurate, trace):
    found = LineReading(Recognisers(accurate, fast), Reading.ADAPTIVE, trace).read(crops(96, 96, 96))
    assert texts(found) == [("a", "fast"), ("B", "accurate"), ("C", "accurate")]
    assert accurate.given == [[96, 96]]


def test_the_accurate_text_stands_unless_it_is_far_less_sure(fast, trace):
    for sure, expected in ((0.36, ("B", "accurate")), (0.34, ("b", "fast"))):
        doubtful = Recogniser(LineReader.ACCURATE, A=0.9, B=sure)
        found = LineReading(Recognisers(doubtful, fast), Reading.ADAPTIVE, trace).read(crops(96, 96))
        assert texts(found) == [("a", "fast"), expected]


def test_both_are_compared_by_what_their_calibrations_make_of_them(accurate, trace):
    surer = Recogniser(LineReader.FAST, Calibration(shift=1.0), a=0.99, b=0.8, c=0.7)
    found = LineReading(Recognisers(accurate, surer), Reading.ADAPTIVE, trace).read(crops(96, 96, 96))
    assert texts(found) == [("a", "fast"), ("b", "fast"), ("c", "fast")]
    modest = Recogniser(LineReader.FAST, Calibration(shift=-4.0), a=0.99, b=0.8, c=0.7)
    found = LineReading(Recognisers(accurate, modest), Reading.ADAPTIVE, trace).read(crops(96, 96, 96))
    assert texts(found) == [("A", "accurate"), ("B", "accurate"), ("C", "accurate")]


def test_what_may_be_a_plate_is_the_accurate_recognisers_however_sure_the_fast_one_is(trace):
    fast, accurate = Recogniser(LineReader.FAST, plate=0.999), Recogniser(LineReader.ACCURATE, province=0.1)
    found = LineReading(Recognisers(accurate, fast), Reading.ADAPTIVE, trace).read(crops(96))
    assert texts(found) == [("province", "accurate")]
    assert (fast.looked_for_plates, accurate.looked_for_plates) == ([False], [True])
    LineReading(Recognisers(accurate, fast), Reading.FAST, trace).read(crops(96))
    assert fast.looked_for_plates == [False, True]


def test_lines_are_read_again_with_those_of_their_width(accurate, trace):
    unsure = Recogniser(LineReader.FAST, a=0.5, b=0.5, c=0.5)
    LineReading(Recognisers(accurate, unsure), Reading.ADAPTIVE, trace).read(crops(96, 960, 90))
    assert unsure.given == [[96, 960, 90]]
    assert accurate.given == [[96, 90], [960]]


@pytest.mark.parametrize("reading", [Reading.FAST, Reading.ACCURATE])
def test_one_of_them_reads_all_alone_where_that_is_chosen(fast, accurate, trace, reading):
    found = LineReading(Recognisers(accurate, fast), reading, trace).read(crops(96, 96, 96))
    assert {read.reader.value for read in found} == {reading.value}
    assert len(fast.given) + len(accurate.given) == 1
    assert trace.read_again == 0


def test_weights_without_a_fast_recogniser_read_all_with_the_other(accurate, trace):
    found = LineReading(Recognisers(accurate), Reading.ADAPTIVE, trace).read(crops(96, 96, 96))
    assert texts(found) == [("A", "accurate"), ("B", "accurate"), ("C", "accurate")]
    assert accurate.given == [[96, 96, 96]]


def test_a_glance_is_the_cheaper_ones_alone_and_settling_reads_what_it_leaves_open(fast, accurate, trace):
    reading = LineReading(Recognisers(accurate, fast), Reading.ADAPTIVE, trace)
    glanced = reading.glance(crops(96, 96, 96))
    assert texts(glance.read for glance in glanced) == [("a", "fast"), ("b", "fast"), ("c", "fast")]
    assert accurate.given == []
    settled = reading.settle(crops(96, 96, 96), glanced)
    assert texts(settled) == [("a", "fast"), ("B", "accurate"), ("C", "accurate")]
    assert len(fast.given) == 1


def test_a_trace_has_the_lines_of_each_and_those_that_were_read_again(fast, accurate, trace):
    LineReading(Recognisers(accurate, fast), Reading.ADAPTIVE, trace).read(crops(96, 96, 96))
    assert {reader: work.lines for reader, work in trace.readers.items()} == {
        LineReader.FAST: 3,
        LineReader.ACCURATE: 2,
    }
    assert trace.read_again == 2
    both = Trace()
    both.add(trace)
    both.add(trace)
    assert both.readers[LineReader.ACCURATE].lines == both.read_again == 4


class Speller:
    """Reads lines of two words, which it is given by the number of their columns."""

    def __init__(self, name, texts):
        self.name, self.spec = name, SimpleNamespace(calibration=Calibration(), keep_above=KEEP_ABOVE)
        self.runs, self._texts = [], texts

    def bucket(self, width, height):
        return width

    def may_be_plate(self, read, width, height):
        return False

    def read(self, crops, check, *, without=()):
        self.runs.append(([crop.shape[1] for crop in crops], set(without)))
        return [
            self._read(*self._texts[min(self._texts, key=lambda width: abs(width - crop.shape[1]))]) for crop in crops
        ]

    def _read(self, text, *likely):
        characters = tuple(
            Character(one, sure, place / len(text), (place + 1) / len(text))
            for place, (one, sure) in enumerate(zip(text, likely, strict=True))
        )
        return ReadText(text, float(np.mean(likely)), characters, self.name)


def two_words():
    line = np.full((48, 150, 3), 255, np.uint8)
    for place in (0, 1, 3, 4):
        line[8:40, 30 * place + 4 : 30 * place + 26] = 0
    return line


def test_only_a_doubtful_word_is_read_again(trace):
    fast = Speller(LineReader.FAST, {150: ("ab cd", 0.99, 0.99, 0.6, 0.99, 0.4)})
    accurate = Speller(LineReader.ACCURATE, {75: ("ce", 0.99, 0.98)})
    (found,) = LineReading(Recognisers(accurate, fast), Reading.ADAPTIVE, trace).read([two_words()])
    assert texts([found]) == [("ab ce", "accurate")]
    assert accurate.runs == [([75], {DecodingRule.PLATES, DecodingRule.BOXES})]
    assert (trace.read_again, trace.readers[LineReader.ACCURATE].lines) == (1, 1)


@pytest.mark.parametrize(("again", "text"), [("d", "ab cd"), ("c", "ab c"), ("e", "ab e")])
def test_a_character_that_is_only_missing_where_its_piece_is_cut_stays(trace, again, text):
    fast = Speller(LineReader.FAST, {150: ("ab cd", 0.99, 0.99, 0.6, 0.99, 0.4)})
    accurate = Speller(LineReader.ACCURATE, {75: (again, 0.99)})
    (found,) = LineReading(Recognisers(accurate, fast), Reading.ADAPTIVE, trace).read([two_words()])
    assert found.text == text


def test_all_of_a_line_is_read_where_a_word_alone_is_read_no_more_surely(trace):
    fast = Speller(LineReader.FAST, {150: ("ab cd", 0.99, 0.99, 0.6, 0.99, 0.4)})
    accurate = Speller(LineReader.ACCURATE, {75: ("ce", 0.99, 0.5), 150: ("ob cf", 0.99, 0.99, 0.99, 0.99, 0.99)})
    (found,) = LineReading(Recognisers(accurate, fast), Reading.ADAPTIVE, trace).read([two_words()])
    assert found.text == "ob cf"
    assert [columns for columns, _ in accurate.runs] == [[75], [150]]
    assert accurate.runs[1][1] == set()
    assert trace.read_again == 1


def test_reading_ends_between_runs_once_there_is_no_use_in_it(fast, accurate, trace):
    class OfNoUseError(Exception):
        pass

    def check():
        raise OfNoUseError

    with pytest.raises(OfNoUseError):
        LineReading(Recognisers(accurate, fast), Reading.ADAPTIVE, trace, check).read(crops(96))
