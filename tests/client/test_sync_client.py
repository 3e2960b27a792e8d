"""The synchronous client: the same results, from any thread, and nothing left behind."""

import gc
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from edgeocr.client import Client, OcrError

pytestmark = pytest.mark.timeout(30)


def client_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("edgeocr-client")]


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    assert client_threads() == []


def test_every_method_works(server):
    with Client(server.target) as client:
        assert client.read(b"text").pages[0].text == "text"
        assert [event.line.text for event in client.read_lines(b"a\nb")] == ["a", "b"]
        results = client.read_many([("k", b"text"), ("l", b"error INTERNAL no")])
        assert [(result.key, result.error is None) for result in results] == [("k", True), ("l", False)]
        assert client.info().version == "1.2.3"
        assert client.is_serving()
        client.wait_until_serving(5)
        with pytest.raises(OcrError):
            client.read(b"error INVALID_ARGUMENT no")


def test_wrong_choices_are_refused_at_once(server):
    with Client(server.target) as client, pytest.raises(ValueError, match="in_flight"):
        next(client.read_many([], in_flight=0))


def test_images_are_pulled_lazily(server):
    pulled = []
    with Client(server.target) as client:
        results = client.read_many(((pulled.append(n), b"text") for n in range(30)), in_flight=3)
        for taken, _ in enumerate(results, start=1):
            assert len(pulled) <= taken + 3
    assert len(pulled) == 30


def test_the_source_may_use_the_client_itself(server):
    with Client(server.target) as client:
        texts = ((n, client.read(b"%d" % n).pages[0].text.encode()) for n in range(5))
        assert [result.document.pages[0].text for result in client.read_many(texts)] == ["0", "1", "2", "3", "4"]


def test_an_error_of_the_source_is_raised(server):
    def images():
        yield 0, b"a"
        raise LookupError("the caller's own")

    with Client(server.target) as client:
        results = client.read_many(images())
        next(results)
        with pytest.raises(LookupError):
            next(results)


def test_threads_share_a_client_and_never_mix_results(server):
    def read(prefix):
        images = [(n, f"{prefix}-{n}".encode()) for n in range(40)]
        return [result.document.pages[0].text for result in client.read_many(images)]

    with Client(server.target) as client, ThreadPoolExecutor(2) as pool:
        first, second = pool.map(read, ["one", "two"])
    assert first == [f"one-{n}" for n in range(40)]
    assert second == [f"two-{n}" for n in range(40)]


def test_leaving_a_loop_early_ends_the_stream(server):
    with Client(server.target) as client:
        for _ in client.read_many((n, b"text") for n in range(1000)):
            break
        gc.collect()
        wait_for(lambda: server.ocr.streams[0].over)
        assert client.read(b"still works").pages[0].text == "still works"


def test_closing_ends_calls_of_other_threads(server):
    client = Client(server.target)
    errors = []

    def wait():
        try:
            client.read(b"hang")
        except (RuntimeError, OcrError) as error:
            errors.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    wait_for(lambda: server.ocr.unary_calls)
    client.close()
    thread.join(10)
    assert len(errors) == 1


def test_a_closed_client_refuses_calls_and_may_be_closed_again(server):
    client = Client(server.target)
    results = client.read_many([(0, b"a"), (1, b"b")])
    next(results)
    client.close()
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.read(b"text")
    with pytest.raises(RuntimeError, match="closed"):
        next(results)


class Alarm(Exception):
    pass


def raise_alarm(*_):
    raise Alarm


@pytest.mark.parametrize(
    ("handler", "error"),
    [(signal.default_int_handler, KeyboardInterrupt), (raise_alarm, Alarm), (lambda *_: sys.exit(3), SystemExit)],
)
def test_whatever_a_signal_raises_cancels_the_call_and_leaves_the_client_usable(server, handler, error):
    before = signal.signal(signal.SIGINT, handler)
    try:
        with Client(server.target) as client:
            results = client.read_many([(0, b"hang")])
            sender = threading.Thread(
                target=interrupt_main, args=(lambda: server.ocr.streams and server.ocr.streams[0].images,)
            )
            sender.start()
            with pytest.raises(error):
                next(results)
            sender.join()
            assert client.read(b"text").text == "text"
            wait_for(lambda: server.ocr.streams[0].over)
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_single_call_is_cancelled_likewise(server):
    before = signal.signal(signal.SIGINT, raise_alarm)
    try:
        with Client(server.target) as client:
            sender = threading.Thread(target=interrupt_main, args=(lambda: server.ocr.unary_calls,))
            sender.start()
            with pytest.raises(Alarm):
                client.read(b"hang")
            sender.join()
            assert client.read(b"text").text == "text"
    finally:
        signal.signal(signal.SIGINT, before)


def wait_for(condition):
    while not condition():
        time.sleep(0.01)


def interrupt_main(ready):
    wait_for(ready)
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
