"""Pages and lines read with two recognisers."""

import json

import numpy as np
import pytest

from edgeocr.model.errors import BadModel, InvalidInput
from edgeocr.model.files.image import EncodedImage
from edgeocr.model.memory_plan import batch_bytes
from edgeocr.model.networks.manifest import FILE_NAME, load_manifest
from edgeocr.model.options import Mode, ReaderSettings, Reading
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.pixels import Picture
from edgeocr.model.results import LineReader
from edgeocr.model.timing import Trace
from tests.support.rendering import encoded, line, page
from tests.support.weights import rewrite, with_fast_recogniser, without_fast_recogniser

TEXTS = ("Quarterly report 2026", "设备清单和测试报告", "Total 1284.50")
PAGE = page([(text, (60, 60 + 90 * place)) for place, text in enumerate(TEXTS)])


@pytest.fixture(scope="module")
def sure(tmp_path_factory):
    """Models whose fast recogniser is sure of every line."""
    return Models.load(with_fast_recogniser(tmp_path_factory.mktemp("sure") / "weights", keep_above=0.0))


@pytest.fixture(scope="module")
def unsure(tmp_path_factory):
    """Models whose fast recogniser is sure of no line, and thinks little of what it reads."""
    calibration = {"slope": 1.0, "shift": -9.0}
    folder = tmp_path_factory.mktemp("unsure") / "weights"
    return Models.load(with_fast_recogniser(folder, keep_above=1.0, calibration=calibration))


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    return Models.load(without_fast_recogniser(tmp_path_factory.mktemp("single") / "weights"))


def read(models, pixels, mode=Mode.PAGE, trace=None, reading=Reading.ADAPTIVE):
    *_, done = Reader(models).read(EncodedImage(encoded(pixels)), mode, trace or Trace(), reading=reading)
    return done.page


def readers(found):
    return {text.reader for text in found.lines}


@pytest.mark.parametrize("turns", [0, 1, 2])
def test_a_page_has_its_lines_from_the_fast_recogniser_where_that_is_sure(sure, turns):
    found = read(sure, np.rot90(PAGE, turns))
    assert [text.text.replace(" ", "") for text in found.lines] == [text.replace(" ", "") for text in TEXTS]
    assert readers(found) == {LineReader.FAST}


def test_nothing_is_read_again_where_the_fast_recogniser_is_sure(sure):
    trace = Trace()
    read(sure, PAGE, trace=trace)
    assert set(trace.readers) == {LineReader.FAST}
    assert trace.read_again == 0


@pytest.mark.parametrize("turns", [0, 1, 2])
def test_a_page_has_them_from_the_accurate_one_where_it_is_not(unsure, turns):
    trace = Trace()
    found = read(unsure, np.rot90(PAGE, turns), trace=trace)
    assert [text.text.replace(" ", "") for text in found.lines] == [text.replace(" ", "") for text in TEXTS]
    assert readers(found) == {LineReader.ACCURATE}
    assert trace.read_again >= len(TEXTS)


def many_lines():
    """A page of 24 lines, and their texts."""
    lines = [f"Invoice of {1000 + 37 * place}" for place in range(24)]
    places = [(60 + 300 * (place % 2), 20 + 45 * (place // 2)) for place in range(24)]
    return page(list(zip(lines, places, strict=True))), lines


def test_a_page_of_which_the_fast_recogniser_is_hardly_ever_sure_is_not_read_with_it(unsure, sure):
    pixels, lines = many_lines()
    for models, fewest in ((sure, len(lines)), (unsure, 1)):
        trace = Trace()
        found = read(models, pixels, trace=trace)
        assert sorted(text.text for text in found.lines) == lines
        read_fast = trace.readers[LineReader.FAST].lines
        assert fewest <= read_fast < fewest + 8


def test_lines_that_are_known_are_told_before_others_are_tried(sure):
    pixels, _ = many_lines()
    reader, trace = Reader(sure), Trace()
    detected = reader.find(Picture(pixels, pixels.shape[1], pixels.shape[0]), Mode.PAGE, trace)
    tried = len(trace.batches)
    told = []
    for page_so_far, lines in reader.first_lines(detected, trace):
        told += [line.line_index for line in lines]
        assert sorted(told) == sorted(page_so_far.known)
        assert len(told) == len(trace.batches), "each is told as soon as it is read"
    assert len(told) > tried == len(detected.known) > 0


def test_a_reading_that_is_of_no_more_use_ends_between_the_lines_that_are_tried(sure):
    pixels, _ = many_lines()
    reader, trace = Reader(sure), Trace()
    detected = reader.find(Picture(pixels, pixels.shape[1], pixels.shape[0]), Mode.PAGE, trace)
    read_for_orientation = trace.readers[LineReader.FAST].lines

    def check():
        if trace.readers[LineReader.FAST].lines > read_for_orientation:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        list(reader.first_lines(detected, trace, check))
    assert trace.readers[LineReader.FAST].lines == read_for_orientation + 1


@pytest.mark.parametrize(("reading", "name"), [(Reading.FAST, "fast"), (Reading.ACCURATE, "accurate")])
@pytest.mark.parametrize("mode", Mode)
def test_an_image_may_be_read_by_one_of_them_alone(unsure, sure, reading, name, mode):
    for models in (unsure, sure):
        trace = Trace()
        found = read(models, PAGE if mode is Mode.PAGE else line(TEXTS[0]), mode, trace, reading)
        assert [reader.value for reader in readers(found)] == [name] == [reader.value for reader in trace.readers]


def test_a_reader_that_is_to_read_fast_does_so_by_default_and_otherwise_where_asked_to(unsure):
    reader = Reader(unsure, ReaderSettings(reading=Reading.FAST))
    for reading, name in ((None, "fast"), (Reading.ACCURATE, "accurate")):
        *_, done = reader.read(EncodedImage(encoded(line(TEXTS[0]))), Mode.LINE, Trace(), reading=reading)
        assert [text.reader.value for text in done.page.lines] == [name]


def test_weights_without_a_fast_recogniser_read_with_the_accurate_one(single):
    assert readers(read(single, PAGE, reading=None)) == {LineReader.ACCURATE}
    assert readers(read(single, PAGE, reading=Reading.ADAPTIVE)) == {LineReader.ACCURATE}


def test_weights_without_a_fast_recogniser_refuse_to_read_with_it(single):
    with pytest.raises(InvalidInput, match="reading: there is no fast recogniser"):
        read(single, PAGE, reading=Reading.FAST)
    with pytest.raises(BadModel, match="has no fast recogniser"):
        Reader(single, ReaderSettings(reading=Reading.FAST))


def test_a_fast_recogniser_that_calculates_something_else_here_is_noticed(tmp_path):
    wrong = with_fast_recogniser(tmp_path / "weights", height=32)
    with pytest.raises(BadModel, match=r"recogniser\.onnx: does not fit its manifest"):
        Models.load(wrong)


@pytest.mark.parametrize("keep_above", [-0.1, 1.1])
def test_how_sure_a_fast_recogniser_has_to_be_is_a_probability(tmp_path, keep_above):
    wrong = with_fast_recogniser(tmp_path / "weights", keep_above=keep_above)
    with pytest.raises(BadModel, match=f"keep_above is {keep_above:g}, not from 0 to 1"):
        load_manifest(wrong)


def test_a_fast_recogniser_that_does_not_say_how_sure_it_has_to_be_is_refused(tmp_path):
    folder = with_fast_recogniser(tmp_path / "weights")
    values = json.loads((folder / FILE_NAME).read_text())["fast_recogniser"]
    rewrite(folder, fast_recogniser={name: value for name, value in values.items() if name != "keep_above"})
    with pytest.raises(BadModel, match="lacks 'keep_above'"):
        load_manifest(folder)


def test_the_files_of_all_networks_are_known(tmp_path):
    files = load_manifest(with_fast_recogniser(tmp_path / "weights")).files
    assert [file.path.name for file in files] == [
        "detector.onnx",
        *("recogniser.onnx", "recogniser-head.onnx") * 2,
    ]


def test_a_run_of_the_costlier_recogniser_is_planned_for(tmp_path):
    costly = load_manifest(with_fast_recogniser(tmp_path / "weights", run_bytes_per_pixel=1000))
    single = load_manifest(without_fast_recogniser(tmp_path / "single"))
    fast = costly.fast_recogniser
    assert batch_bytes(costly, 100) == 48 * 100 * fast.run_bytes_per_pixel > 2 * batch_bytes(single, 100)
