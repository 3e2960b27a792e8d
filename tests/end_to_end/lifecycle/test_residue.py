"""However a call ends, nothing of it stays: no gauge, no byte of the budget, no thread, no open file."""

import os
from collections.abc import Callable
from contextlib import suppress

import grpc
import pytest

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.support.rendering import encoded, line, page
from tests.support.serving import ServerProcess, configuration, eventually, image, stub

PAGE = encoded(page([(f"Line number {number} of many", (40, 40 * number)) for number in range(14)]))
LINE = encoded(line("a line"))
GAUGES = (
    "edgeocr_queue_length",
    "edgeocr_queue_bytes",
    "edgeocr_workers_busy",
    "edgeocr_streams",
    "edgeocr_admitted_bytes[use=arriving]",
    "edgeocr_admitted_bytes[use=waiting]",
    "edgeocr_admitted_bytes[use=running]",
)


@pytest.fixture(scope="module")
def server(weights):
    with ServerProcess("--workers", "1") as running:
        # What is made at a first time, and kept, is made now.
        for outcome in OUTCOMES.values():
            for _ in range(2):
                with running.channel() as channel:
                    outcome(running, channel)
        yield running


def request(data=LINE, mode=ocr_pb2.MODE_LINE):
    return ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=data), options=ocr_pb2.RecognizeOptions(mode=mode))


def messages(data=LINE, mode=ocr_pb2.MODE_LINE, count=3, **options):
    return iter([configuration(mode), *(image(str(number), data, **options) for number in range(count))])


def busy(server):
    eventually(lambda: server.metrics()["edgeocr_workers_busy"] == 1)


def fails(call: Callable[[], object]) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as error:
        call()
    return error.value.code()


def unary_ok(server, channel):
    assert stub(channel).Recognize(request()).document.pages[0].text


def unary_cancelled_at_once(server, channel):
    call = stub(channel).Recognize.future(request(PAGE, ocr_pb2.MODE_PAGE))
    call.cancel()


def unary_cancelled_while_it_is_read(server, channel):
    call = stub(channel).Recognize.future(request(PAGE, ocr_pb2.MODE_PAGE))
    busy(server)
    call.cancel()


def unary_deadline(server, channel):
    service = stub(channel)
    calls = [service.Recognize.future(request(PAGE, ocr_pb2.MODE_PAGE), timeout=0.05) for _ in range(4)]
    codes = {fails(call.result) for call in calls[1:]}
    assert codes == {grpc.StatusCode.DEADLINE_EXCEEDED}


def unary_bad_input(server, channel):
    assert fails(lambda: stub(channel).Recognize(request(b"garbage"))) is grpc.StatusCode.INVALID_ARGUMENT


def unary_client_vanishes(server, channel):
    call = stub(channel).Recognize.future(request(PAGE, ocr_pb2.MODE_PAGE))
    busy(server)
    channel.close()
    assert call.code() is grpc.StatusCode.CANCELLED


def stream_ok(server, channel):
    events = list(stub(channel).RecognizeStream(messages()))
    assert sum(event.completion.HasField("document") for event in events) == 3


def stream_cancelled_at_once(server, channel):
    stub(channel).RecognizeStream(messages(PAGE, ocr_pb2.MODE_PAGE)).cancel()


def stream_cancelled_after_its_first_answer(server, channel):
    call = stub(channel).RecognizeStream(messages(PAGE, ocr_pb2.MODE_PAGE, 6))
    next(call)
    call.cancel()


def stream_deadline(server, channel):
    call = stub(channel).RecognizeStream(messages(PAGE, ocr_pb2.MODE_PAGE, 6), timeout=0.1)
    assert fails(lambda: list(call)) is grpc.StatusCode.DEADLINE_EXCEEDED


def stream_deadlines_of_images(server, channel):
    events = list(stub(channel).RecognizeStream(messages(PAGE, ocr_pb2.MODE_PAGE, 4, timeout_seconds=0.001)))
    codes = {event.completion.error.code for event in events if event.HasField("completion")}
    assert codes == {grpc.StatusCode.DEADLINE_EXCEEDED.value[0]}


def stream_bad_input(server, channel):
    events = list(stub(channel).RecognizeStream(messages(b"garbage")))
    assert {event.completion.error.code for event in events} == {grpc.StatusCode.INVALID_ARGUMENT.value[0]}
    assert fails(lambda: list(stub(channel).RecognizeStream(iter([])))) is grpc.StatusCode.INVALID_ARGUMENT


def stream_client_vanishes(server, channel):
    call = stub(channel).RecognizeStream(messages(PAGE, ocr_pb2.MODE_PAGE, 6))
    next(call)
    channel.close()
    assert call.code() is grpc.StatusCode.CANCELLED


OUTCOMES = {
    outcome.__name__: outcome
    for outcome in (
        unary_ok,
        unary_cancelled_at_once,
        unary_cancelled_while_it_is_read,
        unary_deadline,
        unary_bad_input,
        unary_client_vanishes,
        stream_ok,
        stream_cancelled_at_once,
        stream_cancelled_after_its_first_answer,
        stream_deadline,
        stream_deadlines_of_images,
        stream_bad_input,
        stream_client_vanishes,
    )
}


def entries(server, folder):
    return len(os.listdir(f"/proc/{server.process.pid}/{folder}"))


def at_rest(server):
    metrics = server.metrics()
    return all(metrics[name] == 0 for name in GAUGES)


@pytest.mark.parametrize("name", OUTCOMES)
def test_nothing_stays(server, name):
    eventually(lambda: at_rest(server))
    threads, files = entries(server, "task"), entries(server, "fd")
    for _ in range(3):
        with server.channel() as channel:
            OUTCOMES[name](server, channel)
    eventually(lambda: at_rest(server))
    eventually(lambda: entries(server, "task") <= threads)
    eventually(lambda: entries(server, "fd") <= files)
    assert not any("Traceback" in row for row in server.log), "".join(server.log)


def test_the_gauges_would_show_what_stays(server):
    sending = iter([configuration(ocr_pb2.MODE_PAGE), *(image(str(number), PAGE) for number in range(8))])
    with server.channel() as channel:
        call = stub(channel).RecognizeStream(sending)
        seen = dict.fromkeys(GAUGES, 0.0)

        def look():
            metrics = server.metrics()
            for name in GAUGES:
                seen[name] = max(seen[name], metrics[name])
            return all(value > 0 for name, value in seen.items() if "arriving" not in name)

        eventually(look)
        open_files = entries(server, "fd")
        call.cancel()
    eventually(lambda: entries(server, "fd") < open_files)


def test_an_image_that_is_refused_is_gone_at_once(server):
    """Not only when Python looks for cycles, which it does by their number and not by their size."""
    data = b"garbage" + bytes(6_000_000)
    with server.channel() as channel:
        service = stub(channel)
        taken = []
        for _ in range(16):
            assert fails(lambda: service.Recognize(request(data))) is grpc.StatusCode.INVALID_ARGUMENT
            taken.append(server.metrics()["edgeocr_memory_bytes[kind=anonymous]"])
    assert taken[-1] - taken[0] < 3 * len(data)


@pytest.mark.parametrize("kind", ["unary", "stream"])
def test_a_server_that_stops_leaves_no_call_without_an_answer(weights, kind):
    with ServerProcess("--workers", "1") as server, server.channel() as channel:
        if kind == "unary":
            call = stub(channel).Recognize.future(request(PAGE, ocr_pb2.MODE_PAGE))
            busy(server)
            server.terminate()
            assert call.result(30).document.pages[0].text
        else:
            call = stub(channel).RecognizeStream(messages(PAGE, ocr_pb2.MODE_PAGE, 2))
            busy(server)
            server.terminate()
            answers = []
            with suppress(grpc.RpcError):
                for event in call:
                    answers.append(event)
            assert call.code() in (grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE)
            assert sum(event.completion.HasField("document") for event in answers) >= 1
        assert server.process.wait(30) == 0
    assert not any("Traceback" in row or "cut off" in row for row in server.log), "".join(server.log)
