"""Files that take too much memory or time, or crash: their process ends, and nothing else."""

import os
import signal
import time

import pytest

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files.opening.requests import CountPages, DecodeImage, DrawPage, LookAtPage
from edgeocr.server.decoder.job_decoder import Waiting
from edgeocr.server.errors import Cancelled, TooCostly, TooSlow
from tests.server.decoder.pools import BOOK, MEBIBYTE, Pool
from tests.support.files import hostile

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "data",
    [
        hostile.twice_deflated_pdf(256 * MEBIBYTE),
        hostile.painting_pdf(100 * MEBIBYTE),
        hostile.nested_forms_pdf(7),
        hostile.object_stream_pdf(256 * MEBIBYTE),
        hostile.wordy_pdf(40_000),
    ],
    ids=["twice deflated", "painting", "nested forms", "object stream", "wordy"],
)
def test_a_file_that_takes_too_much_memory_ends_its_process_and_nothing_else(pool, data):
    with pytest.raises(TooCostly, match=r"more than 50331648 bytes \(decoder_bytes\)") as refused:
        pool.ask(LookAtPage(0, 200, with_text=True), data)
    assert refused.value.limit is not None
    assert refused.value.limit.name == "decoder_bytes"
    assert pool.restarts == ["memory"]
    assert pool.ask(CountPages(), BOOK).answer == 2


@pytest.mark.parametrize(
    ("request_", "data"),
    [
        (DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf()),
        (DrawPage(0, 1700, 2200), hostile.long_function_pdf()),
        (DecodeImage("image/jpeg", 3000, 2000), hostile.scans_jpeg(3000, 2000, 20_000)),
    ],
    ids=["pattern", "function", "scans"],
)
def test_a_file_that_takes_too_long_ends_its_process_and_nothing_else(request_, data):
    pool = Pool(seconds=1.5)
    with pytest.raises(TooSlow, match=r"longer than the limit of 1\.5 s \(decode_seconds\)"):
        pool.ask(request_, data, memory_bytes=200 * MEBIBYTE)
    assert pool.restarts == ["time"]
    assert pool.ask(CountPages(), BOOK).answer == 2
    pool.close()


def test_who_gives_up_ends_the_process(pool):
    def gone():
        raise Cancelled("the caller went away")

    with pytest.raises(Cancelled):
        pool.ask(DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf(), check=gone)
    assert (pool.count(), pool.restarts) == (0, ["abandoned"])


@pytest.mark.parametrize(("number", "error"), [(signal.SIGSEGV, InvalidInput), (signal.SIGKILL, TooCostly)])
def test_a_process_that_ends_on_its_own_is_an_error_of_its_file(pool, monkeypatch, number, error):
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._PATIENCE_SECONDS", 0.3)
    pool.ask(CountPages(), BOOK)
    decoder = pool.decoder()
    with pytest.raises(Waiting):
        decoder.decode(DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf())
    (busy,) = pool._busy
    os.kill(busy.process.pid, number)
    while decoder.is_waiting():
        time.sleep(0.01)
    with pytest.raises(error):
        decoder.decode(DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf())
    assert pool.ask(CountPages(), BOOK).answer == 2


def test_a_process_that_has_grown_is_replaced(pool, monkeypatch):
    pool.ask(CountPages(), BOOK)
    monkeypatch.setattr("edgeocr.server.decoder.pool._MOST_GROWN_BYTES", -1 << 40)
    pool.ask(CountPages(), BOOK)
    assert (pool.count(), pool.restarts) == (0, ["grown"])
