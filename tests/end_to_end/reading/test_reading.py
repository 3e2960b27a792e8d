"""Reading through a real server: unary, streams, bad input, information, health, reflection, metrics."""

import threading
from importlib.metadata import version

import grpc
import pytest

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.support.rendering import encoded, line, page, table
from tests.support.serving import configuration, eventually, image, stub

SERVICE = "edgeocr.v1.OcrService"
LINE_OPTIONS = ocr_pb2.RecognizeOptions(mode=ocr_pb2.MODE_LINE)


@pytest.fixture
def service(server):
    with server.channel() as channel:
        yield stub(channel)


def recognize(service, data, options=LINE_OPTIONS, **call):
    request = ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=data), options=options)
    return service.Recognize(request, **call)


def completions(answers):
    return [answer.completion for answer in answers if answer.HasField("completion")]


def test_one_call_reads_one_line(service):
    answer = recognize(service, encoded(line("Over the wire 线上")))
    (found,) = answer.document.pages[0].lines
    assert found.text.replace(" ", "") == "Overthewire线上"
    assert len(found.polygon) == 4
    assert 0.5 < found.confidence <= 1
    assert not found.characters
    timings = answer.timings
    assert 0 < timings.recognize_seconds < timings.total_seconds


def test_characters_come_when_asked_for(service):
    options = ocr_pb2.RecognizeOptions(mode=ocr_pb2.MODE_LINE, include_characters=True)
    (found,) = recognize(service, encoded(line("CHARACTERS")), options).document.pages[0].lines
    assert "".join(character.text for character in found.characters) == found.text == "CHARACTERS"
    for character, following in zip(found.characters, found.characters[1:], strict=False):
        assert character.start < character.end == following.start


def test_a_table_is_reported_with_its_cells_unless_that_is_omitted(service):
    texts = {(0, 0): "Item", (0, 1): "Price", (1, 0): "Notebook", (1, 1): "14.00"}
    data = encoded(table((60, 260, 460), (80, 140, 200), texts))
    (found,) = recognize(service, data, ocr_pb2.RecognizeOptions()).document.pages
    (one,) = found.tables
    assert {(cell.row, cell.column): cell.text for cell in one.cells} == texts
    assert [found.lines[cell.lines[0]].text for cell in one.cells] == list(texts.values())
    assert found.text == "Item      Price\nNotebook  14.00"
    assert [line.row for line in found.lines] == [0, 0, 1, 1]
    options = ocr_pb2.RecognizeOptions(omit=[ocr_pb2.PREPARATION_TABLES])
    (plain,) = recognize(service, data, options).document.pages
    assert not plain.tables
    assert len(plain.lines) == 4


def test_a_page_upside_down_is_read_unless_that_is_omitted(service):
    pixels = page([("First line of the page", (60, 60)), ("Second line of the page", (60, 160))])
    data = encoded(pixels[::-1, ::-1])
    (found,) = recognize(service, data, ocr_pb2.RecognizeOptions()).document.pages
    assert found.text.replace(" ", "").split("\n") == ["Firstlineofthepage", "Secondlineofthepage"]
    assert abs(found.rotation_degrees) == pytest.approx(180, abs=3)
    assert found.lines[0].polygon[0].x == pytest.approx(740, abs=15)
    options = ocr_pb2.RecognizeOptions(omit=[ocr_pb2.PREPARATION_ORIENTATION])
    (plain,) = recognize(service, data, options).document.pages
    assert "First" not in plain.text
    assert abs(plain.rotation_degrees) < 3


def test_a_page_without_options_is_read_as_a_page(service):
    data = encoded(page([("First line", (60, 60)), ("Second line", (60, 160))]))
    answer = service.Recognize(ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=data)))
    (found,) = answer.document.pages
    assert found.text.replace(" ", "").split("\n") == ["Firstline", "Secondline"]
    assert (found.width_pixels, found.height_pixels) == (800, 600)


def test_raw_pixels_are_read_like_the_file(service):
    pixels = line("raw pixels")
    raw = ocr_pb2.RawPixels(
        data=pixels.tobytes(),
        format=ocr_pb2.PIXEL_FORMAT_BGR24,
        width_pixels=pixels.shape[1],
        height_pixels=pixels.shape[0],
    )
    answer = service.Recognize(ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(raw=raw), options=LINE_OPTIONS))
    assert answer.document == recognize(service, encoded(pixels)).document


def test_an_ordered_stream_answers_each_image_with_lines_and_then_its_completion(service):
    texts = ["alpha", "beta", "gamma", "delta"]
    requests = [configuration(ocr_pb2.MODE_LINE), *(image(text, encoded(line(text))) for text in texts)]
    events = list(service.RecognizeStream(iter(requests)))
    assert [event.WhichOneof("event") for event in events] == ["line", "completion"] * len(texts)
    for place, text in enumerate(texts):
        read, done = events[2 * place].line, events[2 * place + 1].completion
        assert (read.image_id, read.sequence, read.line.text) == (text, place, text)
        assert (done.image_id, done.sequence, done.document.pages[0].text) == (text, place, text)
        assert 0 < read.elapsed_seconds <= done.timings.total_seconds + 1


def test_line_events_can_be_left_out(service):
    requests = [configuration(ocr_pb2.MODE_LINE, omit_line_events=True), image("a", encoded(line("quiet")))]
    assert [event.WhichOneof("event") for event in service.RecognizeStream(iter(requests))] == ["completion"]


def test_a_small_image_overtakes_a_page_in_a_stream_as_completed(service):
    dense = page([(f"Line number {number} of many", (40, 40 * number)) for number in range(14)])
    requests = [
        configuration(ocr_pb2.MODE_PAGE, order=ocr_pb2.STREAM_ORDER_AS_COMPLETED),
        image("page", encoded(dense)),
        image("small", encoded(page([("Hi", (20, 20))], width=100, height=80))),
    ]
    assert [done.image_id for done in completions(service.RecognizeStream(iter(requests)))] == ["small", "page"]


def test_a_deadline_ends_a_call_and_the_work_for_it(server, service):
    dense = encoded(page([(f"Line number {number} of many", (40, 40 * number)) for number in range(14)]))

    def cancelled():
        return sum(value for name, value in server.metrics().items() if "cancelled_total" in name)

    # On a slow machine, the first deadlines may pass before the server has heard of the call.
    seconds = 0.03
    while not cancelled():
        with pytest.raises(grpc.RpcError) as error:
            recognize(service, dense, ocr_pb2.RecognizeOptions(), timeout=seconds)
        assert error.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        seconds *= 1.5
    eventually(lambda: not server.metrics()["edgeocr_workers_busy"])
    before = cancelled()
    requests = [configuration(ocr_pb2.MODE_PAGE), image("late", dense, 0.03), image("fine", dense)]
    late, fine = completions(service.RecognizeStream(iter(requests)))
    assert late.error.code == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]
    assert len(fine.document.pages[0].lines) == 14
    eventually(lambda: cancelled() > before)


def test_a_cancelled_stream_leaves_nothing_behind(server, service):
    dense = encoded(page([(f"Line number {number} of many", (40, 40 * number)) for number in range(14)]))
    hold = threading.Event()

    def requests():
        yield configuration(ocr_pb2.MODE_PAGE)
        for number in range(12):
            yield image(str(number), dense)
        hold.wait(30)

    answers = service.RecognizeStream(requests())
    next(answers)
    busy = server.metrics()
    assert busy["edgeocr_streams"] == 1
    assert busy["edgeocr_queue_length"] > 0
    assert busy["edgeocr_queue_bytes"] >= len(dense)
    answers.cancel()
    hold.set()
    gauges = ("edgeocr_streams", "edgeocr_queue_length", "edgeocr_queue_bytes", "edgeocr_workers_busy")
    eventually(lambda: all(server.metrics()[gauge] == 0 for gauge in gauges))
    assert recognize(service, encoded(line("after"))).document.pages[0].text == "after"


def test_many_clients_at_once_get_their_own_text(server):
    mismatches = []

    def client(number):
        texts = [f"client {number} image {count}" for count in range(5)]
        requests = [configuration(ocr_pb2.MODE_LINE), *(image(text, encoded(line(text))) for text in texts)]
        with server.channel() as channel:
            for done in completions(stub(channel).RecognizeStream(iter(requests))):
                read = done.document.pages[0].text
                if read.replace(" ", "") != done.image_id.replace(" ", ""):
                    mismatches.append((done.image_id, read))

    clients = [threading.Thread(target=client, args=(number,)) for number in range(6)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    assert mismatches == []


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (1e-9, grpc.StatusCode.DEADLINE_EXCEEDED),
        (-1.0, grpc.StatusCode.INVALID_ARGUMENT),
        (float("nan"), grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
def test_a_single_image_may_have_a_deadline_of_its_own(service, seconds, code):
    request = ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=encoded(line("late"))), timeout_seconds=seconds)
    with pytest.raises(grpc.RpcError) as error:
        service.Recognize(request)
    assert error.value.code() is code


def test_a_scrape_says_what_was_done(server, service):
    before = server.metrics()
    recognize(service, encoded(line("measured")))
    list(service.RecognizeStream(iter([configuration(ocr_pb2.MODE_LINE), image("a", encoded(line("streamed")))])))
    with pytest.raises(grpc.RpcError):
        recognize(service, b"garbage")
    after = server.metrics()

    def change(name):
        return after[name] - before.get(name, 0)

    assert change("edgeocr_request_duration_seconds_count[code=OK][method=Recognize]") == 1
    assert change("edgeocr_request_duration_seconds_count[code=OK][method=RecognizeStream]") == 1
    assert change("edgeocr_request_duration_seconds_count[code=INVALID_ARGUMENT][method=Recognize]") == 1
    for stage in ("queue", "decode", "recognize"):
        assert change(f"edgeocr_stage_duration_seconds_count[stage={stage}]") == 2
    assert change("edgeocr_stage_duration_seconds_sum[stage=recognize]") > 0
    for histogram in ("stream_first_line_seconds", "line_confidence", "batch_lines", "image_pixels"):
        assert change(f"edgeocr_{histogram}_count") == (1 if histogram.startswith("stream") else 2)
    assert after["edgeocr_workers"] >= 1
    assert 50e6 < after["process_resident_memory_bytes"] < 1e9
    assert after["edgeocr_memory_bytes[kind=anonymous]"] <= after["edgeocr_memory_bytes[kind=pss]"]
    (build,) = (name for name in after if name.startswith("edgeocr_build_info[arch="))
    assert f"[version={version('edgeocr')}]" in build
