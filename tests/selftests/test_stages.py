import pytest

from edgeocr.model import pipeline
from edgeocr.model.files.image import EncodedImage
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import Mode, ReaderSettings, Reading
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.timing import Trace
from tests.benchmarks.stages.__main__ import table
from tests.benchmarks.stages.pages import images
from tests.benchmarks.stages.watch import Part, Watch
from tests.support.rendering import encoded, page

ROWS = [(f"Row number {number} of a page", (60, 40 + 60 * number)) for number in range(4)]


@pytest.fixture(scope="module")
def reader():
    # The fast recogniser leaves plates to the accurate one.
    return Reader(Models.load(DEFAULT_FOLDER), ReaderSettings(reading=Reading.ACCURATE))


def read(reader, source):
    return [result for result in reader.read(source, Mode.PAGE, Trace()) if isinstance(result, pipeline.PageRead)]


def test_a_watch_says_every_part_that_a_page_takes_and_leaves_nothing_behind(reader):
    source = EncodedImage(encoded(page(ROWS)))
    decode, run = Reader.decode, reader.models.detector.run
    alone = read(reader, source)
    told = []
    with Watch(told.append).watching(reader.models):
        watched = read(reader, source)
    assert [one.page for one in watched] == [one.page for one in alone]
    seldom = {Part.ANOTHER_WAY}
    assert set(told) == set(Part) - seldom
    assert told[-1] is Part.REST
    assert Reader.decode is decode
    assert reader.models.detector.run == run


def test_a_part_that_is_whole_has_what_it_calls(reader):
    told = []
    with Watch(told.append).watching(reader.models):
        read(reader, EncodedImage(encoded(page(ROWS))))
    begin = told.index(Part.PROBES)
    assert Part.FEATURES not in told[:begin]
    assert told[begin + 1] is Part.REST


def test_the_table_takes_the_least_of_rounds_and_adds_up():
    rounds = [
        dict.fromkeys(Part, 0.0) | {Part.DECODE: 0.020, Part.DETECTOR: 0.500},
        dict.fromkeys(Part, 0.0) | {Part.DECODE: 0.030, Part.DETECTOR: 0.180},
    ]
    rows = table("receipts", 2, rounds, 0.25).splitlines()
    assert rows[2] == f"| {Part.DETECTOR} | 90.0 | 90.0% |"
    assert rows[3] == f"| {Part.DECODE} | 10.0 | 10.0% |"
    assert rows[-2:] == ["| all | 100.0 | 100.0% |", "| what a server takes more | 25.0 | 25.0% |"]


def test_a_folder_without_images_is_refused(tmp_path):
    with pytest.raises(ValueError, match="has no images"):
        images([tmp_path])
