import pytest

from edgeocr.model.errors import BadModel
from edgeocr.model.options import ReaderSettings, Reading
from edgeocr.model.pipeline import Models
from edgeocr.model.results import LineReader
from tests.server.pool import Serving
from tests.support.rendering import encoded, line
from tests.support.weights import with_fast_recogniser, without_fast_recogniser


def test_lines_and_seconds_are_counted_by_the_recogniser_that_read_and_those_that_were_read_again(tmp_path):
    unsure = Models.load(with_fast_recogniser(tmp_path / "weights", keep_above=1.0))
    serving = Serving(unsure, settings=ReaderSettings(reading=Reading.ADAPTIVE))
    serving.pool.start()
    serving.admit(encoded(line("read twice")))
    (read,) = serving.finished().pages[0].lines
    serving.queue.close()
    assert serving.pool.join(30)
    assert read.reader in LineReader
    for reader in LineReader:
        assert serving.sample("edgeocr_reader_lines_total", reader=reader) == 1
        assert serving.sample("edgeocr_reader_seconds_total", reader=reader) > 0
    assert serving.sample("edgeocr_lines_read_again_total") == 1


def test_weights_without_a_fast_recogniser_do_not_take_the_place_of_those_that_are_to_read_with_it(tmp_path):
    fast = Models.load(with_fast_recogniser(tmp_path / "weights"))
    serving = Serving(fast, settings=ReaderSettings(reading=Reading.FAST))
    with pytest.raises(BadModel, match="has no fast recogniser"):
        serving.pool.use(Models.load(without_fast_recogniser(tmp_path / "single")))
    assert serving.pool.models is fast
    serving.pool.start()
    serving.admit(encoded(line("still here")))
    (read,) = serving.finished().pages[0].lines
    serving.queue.close()
    assert serving.pool.join(30)
    assert read.reader is LineReader.FAST
