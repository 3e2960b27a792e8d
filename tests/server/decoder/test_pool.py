import gc
import os
import signal
import time

import numpy as np
import pytest
from PIL import Image

from edgeocr.model.errors import InvalidInput, Locked
from edgeocr.model.files.contents import StoredFile
from edgeocr.model.files.headers.header import read_header
from edgeocr.model.files.opening.decoder import LOCAL
from edgeocr.model.files.opening.requests import CountPages, DecodeImage, DrawPage, LookAtPage, PageLook
from edgeocr.server.decoder.job_decoder import JobDecoder, Waiting
from edgeocr.server.decoder.pool import DecoderPool
from edgeocr.server.errors import Cancelled, TooCostly, TooSlow
from tests.support import hostile
from tests.support.file_formats import every_format
from tests.support.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded, page

pytestmark = pytest.mark.slow

BOOK = pdf([PdfPageSpec([("Page one", 40, 120)]), PdfPageSpec([("Page two", 40, 120)])])
PICTURE = page([("A picture", (60, 60))], 400, 150)
FILES = dict(every_format(Image.fromarray(page([("Formats", (50, 50))], 800, 600)[:, :, ::-1])))
MEBIBYTE = 1 << 20


class Pool(DecoderPool):
    """A pool that knows why its processes were replaced."""

    def __init__(self, count=2, seconds=20.0):
        self.restarts = []
        super().__init__(count, 512 * MEBIBYTE, seconds, self.restarts.append)

    def decoder(self, caller="somebody", stream="", memory_bytes=48 * MEBIBYTE, check=lambda: None):
        return JobDecoder(self, caller, stream, check, lambda: memory_bytes)

    def ask(self, request, data, patches=(), **options):
        decoder = self.decoder(**options)
        while True:
            try:
                return decoder.decode(request, data, patches)
            except Waiting:
                while decoder.is_waiting():
                    self.look()
                    time.sleep(0.01)


@pytest.fixture
def pool():
    value = Pool()
    yield value
    value.close()


def test_no_process_is_there_before_one_is_needed_and_then_it_stays(pool):
    assert pool.count() == 0
    assert pool.ask(CountPages(), BOOK).answer == 2
    assert pool.ask(CountPages(), BOOK).answer == 2
    assert pool.count() == 1
    assert pool.resident_bytes() > 0


def test_a_process_that_nobody_needs_any_more_ends(pool, monkeypatch):
    pool.ask(CountPages(), BOOK)
    monkeypatch.setattr("edgeocr.server.decoder.pool._IDLE_SECONDS", 0.0)
    pool.look()
    assert (pool.count(), pool.resident_bytes()) == (0, 0)
    assert pool.restarts == []


def test_a_page_looks_the_same_as_one_that_is_drawn_here(pool):
    there, here = (decoder(DrawPage(1, 1112, 556), BOOK).pixels for decoder in (pool.ask, LOCAL.decode))
    assert there.min() < 128
    assert np.array_equal(there, here)


def test_the_text_of_a_page_comes_with_its_boxes(pool):
    look = pool.ask(LookAtPage(1, 72, with_text=True), BOOK).answer
    assert isinstance(look, PageLook)
    assert (look.width, look.height) == (400, 200)
    (line,) = look.lines
    assert line.text == "Page two"
    assert 38 <= line.left < line.right < 200
    assert 50 < line.top < line.bottom < 90


@pytest.mark.parametrize("looks", [True, False])
def test_a_process_keeps_nothing_of_what_it_opened(pool, looks):
    pages = pdf([PdfPageSpec(image=PICTURE, width=200, height=75)] * 3)
    for number in range(40):
        if looks:
            pool.ask(LookAtPage(number % 3, 72, with_text=True), pages)
        pool.ask(DrawPage(number % 3, 200, 75), pages)
        with pytest.raises(InvalidInput):
            pool.ask(CountPages(), b"%PDF-1.4")
    assert (pool.count(), pool.restarts) == (1, [])
    ((process, _),) = pool._idle
    assert len(os.listdir(f"/proc/{process.pid}/fd")) < 8


@pytest.mark.parametrize("name", FILES)
def test_every_format_is_opened_with_the_memory_that_it_is_reckoned_with(pool, name):
    data = FILES[name]
    header = read_header(data)
    if not header.opens_apart:
        return
    request = DecodeImage(header.media_type, header.width, header.height)
    bytes_a_pixel = header.pixel_bytes + header.source_pixel_bytes
    memory_bytes = int(bytes_a_pixel * header.width * header.height) + len(data) + MEBIBYTE
    decoded = pool.ask(request, data, header.patches, memory_bytes=memory_bytes)
    assert np.array_equal(decoded.pixels, LOCAL.decode(request, data, header.patches).pixels)


def test_an_image_comes_out_as_it_went_in(pool):
    data = encoded(PICTURE, ".tiff")
    header = read_header(data)
    decoded = pool.ask(DecodeImage(header.media_type, 400, 150), data, header.patches)
    assert np.array_equal(decoded.pixels, PICTURE)


@pytest.mark.parametrize(
    ("data", "password", "error", "words"),
    [
        (b"%PDF-1.4 and nothing else", "", InvalidInput, "could not be opened"),
        (pdf([PdfPageSpec()], "open"), "", Locked, "needs a password"),
        (pdf([PdfPageSpec()], "open"), "wrong", InvalidInput, "does not open the file"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_and_the_process_stays(pool, data, password, error, words):
    with pytest.raises(error, match=words):
        pool.ask(CountPages(password), data)
    assert (pool.count(), pool.restarts) == (1, [])


def test_a_damaged_image_is_told_apart_from_a_whole_one(pool):
    data = encoded(PICTURE, ".tiff")
    with pytest.raises(InvalidInput, match="damaged"):
        pool.ask(DecodeImage("image/tiff", 400, 150), data[:8] + bytes(len(data) - 8))
    with pytest.raises(InvalidInput, match="another size"):
        pool.ask(DecodeImage("image/tiff", 399, 150), data)
    assert pool.restarts == []


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
    with pytest.raises(TooSlow, match=r"longer than 1\.5 s, which is the limit \(decode_seconds\)"):
        pool.ask(request_, data, memory_bytes=200 * MEBIBYTE)
    assert pool.restarts == ["time"]
    assert pool.ask(CountPages(), BOOK).answer == 2
    pool.close()


def test_a_worker_is_kept_for_a_moment_only_and_asks_again(pool, monkeypatch):
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._PATIENCE_SECONDS", 0.1)
    decoder = pool.decoder(memory_bytes=200 * MEBIBYTE)
    request, data = DecodeImage("image/jpeg", 2000, 1000), hostile.scans_jpeg(2000, 1000, 400)
    with pytest.raises(Waiting):
        decoder.decode(request, data)
    assert decoder.is_at_work
    while decoder.is_waiting():
        time.sleep(0.01)
    assert decoder.decode(request, data).pixels.shape == (1000, 2000, 1)
    assert not decoder.is_at_work


def test_a_caller_leaves_one_process_to_others(pool):
    mine, next_one = pool.decoder("me"), pool.decoder("me")
    with pytest.raises(Waiting):
        mine.decode(DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf())
    with pytest.raises(Waiting):
        next_one.decode(CountPages(), BOOK)
    assert next_one.is_waiting()
    assert not next_one.is_at_work
    assert pool.ask(CountPages(), BOOK, caller="you").answer == 2
    mine.close()
    assert not next_one.is_waiting()
    assert pool.ask(CountPages(), BOOK, caller="me").answer == 2
    assert pool.restarts == ["abandoned"]


def test_who_has_no_process_takes_that_of_the_file_that_takes_longest_and_that_one_is_begun_anew(pool, monkeypatch):
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._FAIR_SECONDS", 0.1)
    slow, request = hostile.dense_pattern_pdf(), DrawPage(0, 1700, 2200)
    one, other = pool.decoder("one"), pool.decoder("other")
    for decoder in (one, other):
        with pytest.raises(Waiting):
            decoder.decode(request, slow)
    assert pool.ask(CountPages(), BOOK, caller="you").answer == 2
    assert pool.restarts == ["displaced"]
    assert not one.is_waiting()
    with pytest.raises(Waiting):
        one.decode(request, slow)
    assert not one.is_at_work
    with pytest.raises(Waiting):
        one.decode(request, slow)
    assert one.is_at_work
    one.close()
    other.close()


def test_a_stream_takes_the_place_of_its_callers_other_file_that_takes_long(pool, monkeypatch):
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._FAIR_SECONDS", 0.1)
    decoder = pool.decoder("one", "first")
    with pytest.raises(Waiting):
        decoder.decode(DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf())
    assert pool.ask(CountPages(), BOOK, caller="one", stream="second").answer == 2
    assert pool.restarts == ["displaced"]


def test_a_file_that_is_displaced_too_often_takes_too_long(pool, monkeypatch):
    monkeypatch.setattr("edgeocr.server.decoder.job_decoder._PATIENCE_SECONDS", 0.05)
    decoder, slow = pool.decoder("one"), (DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf())
    for _ in range(2):
        with pytest.raises(Waiting):
            decoder.decode(*slow)
        pool._busy[0].displace()
        with pytest.raises(Waiting):
            decoder.decode(*slow)
    with pytest.raises(Waiting):
        decoder.decode(*slow)
    pool._busy[0].displace()
    with pytest.raises(TooSlow, match="and others wait"):
        decoder.decode(*slow)


def test_a_file_that_is_displaced_is_kept_by_nothing(pool, tmp_path):
    file = StoredFile(os.open(tmp_path, os.O_TMPFILE | os.O_RDWR))
    file.append(hostile.dense_pattern_pdf())
    descriptors = len(os.listdir("/proc/self/fd"))
    gc.disable()
    try:
        decoder = pool.decoder("one")
        with pytest.raises(Waiting):
            decoder.decode(DrawPage(0, 1700, 2200), file)
        pool._busy[0].displace()
        with pytest.raises(Waiting):
            decoder.decode(DrawPage(0, 1700, 2200), file)
        del file
        assert len(os.listdir("/proc/self/fd")) == descriptors - 1
    finally:
        gc.enable()


def test_who_gives_up_ends_the_process(pool):
    def gone():
        raise Cancelled("the caller went away")

    with pytest.raises(Cancelled):
        pool.ask(DrawPage(0, 1700, 2200), hostile.dense_pattern_pdf(), check=gone)
    assert (pool.count(), pool.restarts) == (0, ["abandoned"])


@pytest.mark.parametrize(("number", "error"), [(signal.SIGSEGV, InvalidInput), (signal.SIGKILL, TooCostly)])
def test_a_process_that_ends_by_itself_is_an_error_of_its_file(pool, monkeypatch, number, error):
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


def test_the_end_of_the_server_ends_all(pool):
    pool.ask(CountPages(), BOOK)
    ((process, _),) = pool._idle
    pool.close()
    assert (pool.count(), process.resident_bytes()) == (0, 0)
