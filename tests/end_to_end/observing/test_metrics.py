"""Every metric is driven here, and its change read from a real scrape."""

import queue
import re
import resource
import shutil
import signal
from pathlib import Path

import grpc
import numpy as np
import pytest

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.proto.inference import open_inference_pb2, open_inference_pb2_grpc
from tests.support.files import hostile
from tests.support.rendering import encoded, line, page
from tests.support.serving import ServerProcess, configuration, eventually, image, stub

DENSE = encoded(page([(f"Line number {number} of many", (40, 40 * number)) for number in range(14)]))
LINE = encoded(line("a line"))
HUGE = encoded(np.zeros((7000, 7000), np.uint8))
"""Small as sent, but 147 MB once decoded."""
LARGE = encoded(page([]), ".bmp")
DRIVEN_ELSEWHERE = {
    # In the test of the access log, and in those of its parts.
    "edgeocr_access_log_lost_lines",
    "edgeocr_access_log_lost_lines_total",
    "edgeocr_refused_calls_total",
    # In the test of the workers: a line here need not be read again.
    "edgeocr_lines_read_again",
    "edgeocr_lines_read_again_total",
    # Nothing but time makes a difference to them.
    "edgeocr_build_info",
    "edgeocr_page_duration_seconds",
    "edgeocr_wait_duration_seconds",
    "edgeocr_spool_bytes",
    "edgeocr_workers",
}


class Scrapes:
    """A server's metrics, beside what they were at first."""

    def __init__(self, server):
        self.server = server
        self.first = server.metrics()

    def change(self, name):
        return self.server.metrics().get(name, 0) - self.first.get(name, 0)

    def changes(self, name, by=1):
        eventually(lambda: self.change(name) >= by)
        assert self.change(name) == by, name


@pytest.fixture(scope="module")
def server(weights, tmp_path_factory):
    folder = shutil.copytree(weights, tmp_path_factory.mktemp("models") / "weights")
    with ServerProcess("--workers", "1", "--queue-images", "4", "--models", str(folder)) as running:
        yield running


@pytest.fixture
def scrapes(server):
    return Scrapes(server)


@pytest.fixture
def service(server):
    with server.channel() as channel:
        yield stub(channel)


def recognize(service, data, mode=ocr_pb2.MODE_LINE, **call):
    options = ocr_pb2.RecognizeOptions(mode=mode)
    return service.Recognize(ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=data), options=options), **call)


def refused(service, data, mode=ocr_pb2.MODE_PAGE):
    with pytest.raises(grpc.RpcError) as error:
        recognize(service, data, mode)
    return error.value.code()


def test_an_image_is_counted_and_timed_by_stage_with_its_pixels_batches_and_confidence(scrapes, service):
    recognize(service, DENSE, ocr_pb2.MODE_PAGE)
    scrapes.changes("edgeocr_request_duration_seconds_count[code=OK][method=Recognize]")
    for stage in ("queue", "decode", "detect", "recognize"):
        scrapes.changes(f"edgeocr_stage_duration_seconds_count[stage={stage}]")
        assert scrapes.change(f"edgeocr_stage_duration_seconds_sum[stage={stage}]") > 0
    for name in ("page", "wait"):
        scrapes.changes(f"edgeocr_{name}_duration_seconds_count")
        assert scrapes.change(f"edgeocr_{name}_duration_seconds_sum") > 0
    scrapes.changes("edgeocr_image_pixels_count")
    assert scrapes.change("edgeocr_image_pixels_sum") == 800 * 600
    assert scrapes.change("edgeocr_batch_lines_sum") == 14
    scrapes.changes("edgeocr_line_confidence_count", 14)


@pytest.mark.parametrize(("reading", "reader"), [("READING_ACCURATE", "accurate"), ("READING_FAST", "fast")])
def test_lines_and_seconds_are_counted_by_the_recogniser_that_read(scrapes, service, reading, reader):
    options = ocr_pb2.RecognizeOptions(mode=ocr_pb2.MODE_LINE, reading=ocr_pb2.Reading.Value(reading))
    service.Recognize(ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=LINE), options=options))
    scrapes.changes(f"edgeocr_reader_lines_total[reader={reader}]")
    assert scrapes.change(f"edgeocr_reader_seconds_total[reader={reader}]") > 0
    (other,) = {"accurate", "fast"} - {reader}
    assert scrapes.change(f"edgeocr_reader_lines_total[reader={other}]") == 0


def test_a_stream_is_counted_while_it_is_open_and_its_first_line_is_timed(scrapes, service):
    sending = queue.SimpleQueue()
    call = service.RecognizeStream(iter(sending.get, None))
    for message in (configuration(ocr_pb2.MODE_LINE), image("a", LINE)):
        sending.put(message)
    next(call)
    scrapes.changes("edgeocr_streams")
    sending.put(None)
    list(call)
    scrapes.changes("edgeocr_streams", 0)
    scrapes.changes("edgeocr_stream_first_line_seconds_count")
    scrapes.changes("edgeocr_request_duration_seconds_count[code=OK][method=RecognizeStream]")


def test_what_waits_and_what_is_read_is_seen_with_its_bytes(scrapes, service):
    call = service.RecognizeStream(
        iter([configuration(ocr_pb2.MODE_PAGE), *(image(str(number), DENSE) for number in range(4))])
    )

    def all_seen():
        metrics = scrapes.server.metrics()
        waiting = metrics["edgeocr_queue_length"]
        return (
            metrics["edgeocr_workers_busy"] == 1
            and waiting > 0
            and metrics["edgeocr_queue_bytes"] == waiting * len(DENSE)
            and metrics["edgeocr_admitted_bytes[use=waiting]"] >= waiting * len(DENSE)
            and metrics["edgeocr_admitted_bytes[use=running]"] > 0
        )

    eventually(all_seen)
    list(call)
    for name in ("queue_length", "queue_bytes", "workers_busy", "admitted_bytes[use=running]"):
        scrapes.changes(f"edgeocr_{name}", 0)


def test_a_stream_that_says_nothing_holds_no_memory_of_the_budget(scrapes, service):
    recognize(service, LARGE, ocr_pb2.MODE_PAGE)
    sending = queue.SimpleQueue()
    call = service.RecognizeStream(iter(sending.get, None))
    sending.put(configuration(ocr_pb2.MODE_LINE))
    eventually(lambda: scrapes.change("edgeocr_streams") == 1)
    for use in ("arriving", "waiting", "running", "answering"):
        scrapes.changes(f"edgeocr_admitted_bytes[use={use}]", 0)
    sending.put(None)
    list(call)


def test_nothing_is_held_of_what_came_by_the_other_protocol(scrapes):
    asked = open_inference_pb2.ModelInferRequest(model_name="edgeocr")
    asked.inputs.add(name="image", datatype="BYTES", shape=[1]).contents.bytes_contents.append(LARGE)
    with scrapes.server.channel() as channel:
        service = open_inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        service.ModelInfer(asked)
        sending = queue.SimpleQueue()
        call = service.ModelStreamInfer(iter(sending.get, None))
        sending.put(asked)
        assert not next(call).error_message
        sending.put(None)
        list(call)
    for use in ("arriving", "waiting", "running"):
        scrapes.changes(f"edgeocr_admitted_bytes[use={use}]", 0)


def test_memory_is_reported_as_the_kernel_counts_it_next_to_the_budget(server, service):
    metrics = server.metrics()
    memory = {kind: metrics[f"edgeocr_memory_bytes[kind={kind}]"] for kind in ("anonymous", "pss", "budget", "base")}
    assert memory["budget"] == 300 << 20
    assert 50_000_000 < memory["anonymous"] <= memory["pss"]
    assert memory["anonymous"] < metrics["process_resident_memory_bytes"]
    assert 50_000_000 < memory["base"] < memory["budget"]
    assert service.GetServerInfo(ocr_pb2.GetServerInfoRequest()).limits.memory_budget_bytes == memory["budget"]


def test_refusals_are_counted_by_reason(scrapes, service):
    limits = service.GetServerInfo(ocr_pb2.GetServerInfoRequest()).limits
    assert refused(service, HUGE) is grpc.StatusCode.RESOURCE_EXHAUSTED
    scrapes.changes("edgeocr_rejected_total[reason=beyond_memory]")
    assert refused(service, bytes(limits.image_bytes + 1)) is grpc.StatusCode.RESOURCE_EXHAUSTED
    scrapes.changes("edgeocr_rejected_total[reason=too_large]")
    images = [image(str(number), DENSE) for number in range(9)]
    answers = list(service.RecognizeStream(iter([configuration(ocr_pb2.MODE_PAGE), *images])))
    full = sum(event.completion.error.code == 8 for event in answers)
    assert full > 0
    scrapes.changes("edgeocr_rejected_total[reason=share_full]", full)


def test_what_waits_is_refused_beyond_its_share_of_memory(weights):
    tall = encoded(np.full((512, 2000, 3), 255, np.uint8), ".bmp")
    request = ocr_pb2.RecognizeRequest(
        image=ocr_pb2.Image(encoded=tall), options=ocr_pb2.RecognizeOptions(mode=ocr_pb2.MODE_LINE)
    )
    with ServerProcess("--workers", "1", "--memory-budget", "270MiB") as server, server.channel() as channel:
        # Nobody knows yet how large messages are here, so that all of them are let in.
        calls = [stub(channel).Recognize.future(request) for _ in range(48)]
        codes = [call.code() for call in calls]
        refused = codes.count(grpc.StatusCode.RESOURCE_EXHAUSTED)
        assert refused + codes.count(grpc.StatusCode.OK) == len(calls)
        assert refused > 0
        assert server.metrics()["edgeocr_rejected_total[reason=memory_full]"] == refused


def test_an_allocation_that_fails_is_counted_and_the_server_goes_on(scrapes, service):
    recognize(service, DENSE, ocr_pb2.MODE_PAGE)
    recognize(service, DENSE, ocr_pb2.MODE_PAGE)
    process = scrapes.server.process.pid
    used = int(scrapes.server.metrics()["process_virtual_memory_bytes"])
    before = resource.prlimit(process, resource.RLIMIT_AS, (used + 4_000_000, resource.RLIM_INFINITY))
    try:
        assert refused(service, DENSE) is grpc.StatusCode.RESOURCE_EXHAUSTED
    finally:
        resource.prlimit(process, resource.RLIMIT_AS, before)
    scrapes.changes("edgeocr_rejected_total[reason=out_of_memory]")
    assert recognize(service, DENSE, ocr_pb2.MODE_PAGE).document.pages[0].lines


def test_dropped_work_is_counted_by_stage_with_what_it_wasted(scrapes, service):
    call = service.RecognizeStream(
        iter([configuration(ocr_pb2.MODE_PAGE), *(image(str(number), DENSE) for number in range(5))])
    )
    next(call)
    call.cancel()
    eventually(lambda: scrapes.change("edgeocr_cancelled_total[stage=queue]") > 0)
    eventually(lambda: scrapes.change("edgeocr_cancelled_total[stage=recognize]") > 0)
    assert scrapes.change("edgeocr_wasted_seconds_total") > 0


def test_pages_that_are_answered_in_part_are_counted(scrapes, service):
    config = configuration(ocr_pb2.MODE_PAGE)
    config.config.options.allow_partial = True
    seconds = recognize(service, DENSE, ocr_pb2.MODE_PAGE).timings.total_seconds
    # Some of these moments fall between the first line and the last, however busy the machine is.
    for share in np.random.default_rng(1).uniform(0.3, 1.3, 200):
        list(service.RecognizeStream(iter([config, image("a", DENSE, timeout_seconds=share * seconds)])))
        if scrapes.change("edgeocr_partial_pages_total"):
            break
    scrapes.changes("edgeocr_partial_pages_total")


def test_a_file_that_takes_too_much_to_open_replaces_its_decoder(scrapes, service):
    bomb = ocr_pb2.Image(encoded=hostile.twice_deflated_pdf(256 << 20))
    (page,) = service.Recognize(ocr_pb2.RecognizeRequest(image=bomb)).document.pages
    assert "decoder_bytes" in page.error.message
    scrapes.changes("edgeocr_decoder_restarts_total[reason=memory]")
    service.Recognize(ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=encoded(line("a line"), ".tiff"))))
    assert scrapes.server.metrics()["edgeocr_decoders"] == 1


def test_reloads_are_counted_by_their_result(scrapes, server):
    server.process.send_signal(signal.SIGHUP)
    scrapes.changes("edgeocr_reloads_total[result=ok]")


def test_what_a_draining_server_refuses_is_counted(weights):
    with ServerProcess("--workers", "1") as server, server.channel() as channel:
        service = stub(channel)
        waiting = [
            service.Recognize.future(ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=DENSE))) for _ in range(4)
        ]
        eventually(lambda: server.metrics()["edgeocr_queue_length"] > 1)
        assert [server.metrics()[f"edgeocr_{name}"] for name in ("serving", "draining")] == [1, 0]
        server.terminate()
        eventually(lambda: any("draining" in row for row in server.log))
        while True:
            try:
                recognize(service, LINE)
            except grpc.RpcError as error:
                code = error.code()
                break
        assert code is grpc.StatusCode.UNAVAILABLE
        assert server.metrics()["edgeocr_rejected_total[reason=draining]"] >= 1
        assert [server.metrics()[f"edgeocr_{name}"] for name in ("serving", "draining")] == [0, 1]
        assert all(call.result().document.pages for call in waiting)


def test_no_metric_is_forgotten_here(server):
    text = Path(__file__).read_text("utf-8")
    named = {re.sub(r"(_count|_sum|_bucket|_created)?(\[.*)?$", "", name) for name in server.metrics()}
    ours = {name for name in named if name.startswith("edgeocr_")}
    assert len(ours) > 15
    forgotten = {name for name in ours - DRIVEN_ELSEWHERE if name.removeprefix("edgeocr_") not in text}
    assert not forgotten
