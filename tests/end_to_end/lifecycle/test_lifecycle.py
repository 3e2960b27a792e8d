"""A server's life: what keeps it from starting, what it does when it is full, and how it stops."""

import json
import queue
import shutil
import signal
import threading

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from edgeocr.client import Client
from edgeocr.client.streaming.retry import RetryPolicy
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.command import EXIT_CUT_OFF
from tests.support.rendering import encoded, line, page
from tests.support.serving import ServerProcess, configuration, eventually, image, start, stub

DENSE = encoded(page([(f"Line number {number} of many", (40, 40 * number)) for number in range(14)]))


def test_missing_weights_keep_the_server_from_starting(tmp_path):
    code, said = start("--models", str(tmp_path))
    assert code == 1
    assert f"{tmp_path}/manifest.json: no such file" in said


def test_altered_weights_keep_the_server_from_starting(weights, tmp_path):
    copied = shutil.copytree(weights, tmp_path / "weights")
    with (copied / "detector.onnx").open("ab") as file:
        file.write(b"more")
    code, said = start("--models", str(copied))
    assert code == 1
    assert "detector.onnx: was altered" in said


def test_a_wrong_setting_keeps_the_server_from_starting():
    code, said = start("--workers", "many")
    assert code == 2
    assert "--workers: 'many' is not a whole number" in said


@pytest.mark.parametrize("flag", ["--listen", "--metrics"])
def test_a_taken_port_keeps_the_server_from_starting(weights, flag):
    with ServerProcess() as running:
        taken = running.target if flag == "--listen" else f"127.0.0.1:{running.metrics_port}"
        code, said = start(flag, taken)
        assert code == 1
        assert f"{flag.strip('-')}: cannot listen on {taken}" in said


def test_a_full_queue_refuses_unary_and_stream_alike_and_keeps_its_promises(weights):
    with ServerProcess("--workers", "1", "--queue-images", "1") as server, server.channel() as channel:
        service = stub(channel)
        requests = [configuration(ocr_pb2.MODE_PAGE), *(image(str(number), DENSE) for number in range(8))]
        answers = service.RecognizeStream(iter(requests))
        eventually(lambda: server.metrics()["edgeocr_queue_length"] == 1)
        with pytest.raises(grpc.RpcError) as error:
            service.Recognize(ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=DENSE)))
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "1 images are waiting, which is the limit (queue_images)" in error.value.details()
        status = rpc_status.from_call(error.value)
        assert 0 < retry_delay_seconds(status) <= 30
        done = [event.completion for event in answers if event.HasField("completion")]
        assert [one.image_id for one in done] == [str(number) for number in range(8)]
        refused = [one for one in done if one.HasField("error")]
        assert {one.error.code for one in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]}
        assert all(0 < retry_delay_seconds(one.error) <= 30 for one in refused)
        assert all(len(one.document.pages[0].lines) == 14 for one in done if not one.HasField("error"))
        assert server.metrics()["edgeocr_rejected_total[reason=queue_full]"] == len(refused) + 1
        assert 2 <= len(done) - len(refused) < 8


def test_an_image_that_waits_for_too_long_is_refused_with_the_limit(weights):
    with ServerProcess("--workers", "1", "--queue-seconds", "0.2") as server, server.channel() as channel:
        service = stub(channel)
        assert service.GetServerInfo(ocr_pb2.GetServerInfoRequest()).limits.queue_seconds == pytest.approx(0.2)
        answers = service.RecognizeStream(
            iter([configuration(ocr_pb2.MODE_PAGE), *(image(str(number), DENSE) for number in range(8))])
        )
        done = [event.completion for event in answers if event.HasField("completion")]
        refused = [one.error for one in done if one.HasField("error")]
        assert 0 < len(refused) < len(done) == 8
        assert {error.message for error in refused} == {
            "no worker was free for 0.2 s, which is the limit (queue_seconds)"
        }
        assert server.metrics()["edgeocr_rejected_total[reason=queue_timeout]"] == len(refused)


def retry_delay_seconds(status):
    """What google.rpc.RetryInfo says in a google.rpc.Status."""
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    assert [detail.Unpack(message) for detail, message in zip(status.details, (info, retry), strict=True)] == [True] * 2
    assert (info.domain, info.reason) == ("edgeocr", "QUEUE_FULL")
    assert dict(info.metadata) == {"limit": "queue_images", "value": "1", "asked": "2"}
    return retry.retry_delay.ToNanoseconds() / 1e9


def test_a_client_comes_back_when_a_full_server_asks_it_to(weights):
    with ServerProcess("--workers", "1", "--queue-images", "1") as server:
        patient = RetryPolicy(attempts=100)
        with Client(server.target, retry=patient) as many, Client(server.target, retry=patient) as single:
            results = many.read_many(((number, DENSE) for number in range(8)), in_flight=8)
            first = next(results)
            lone = single.read(DENSE)
            assert len(lone.pages[0].lines) == 14
            outcomes = [(result.key, result.error) for result in (first, *results)]
        assert outcomes == [(number, None) for number in range(8)]
        assert server.metrics()["edgeocr_rejected_total[reason=queue_full]"] > 0


def test_a_callers_many_pages_do_not_keep_anothers_line_waiting(weights):
    with ServerProcess("--workers", "1") as server, Client(server.target) as single, server.channel() as channel:
        requests = [configuration(ocr_pb2.MODE_PAGE), *(image(str(number), DENSE) for number in range(16))]
        answers = stub(channel).RecognizeStream(iter(requests))
        eventually(lambda: server.metrics()["edgeocr_queue_length"] >= 14)
        assert single.read(encoded(line("next")), mode="line").pages[0].text == "next"
        assert server.metrics()["edgeocr_queue_length"] > 4
        assert sum(event.HasField("completion") for event in answers) == 16


def test_sigterm_finishes_what_was_admitted_and_exits_0(weights):
    with ServerProcess("--workers", "1") as server, server.channel() as channel:
        service = stub(channel)
        sending = queue.SimpleQueue()
        sending.put(configuration(ocr_pb2.MODE_PAGE, omit_line_events=True))
        for number in range(4):
            sending.put(image(str(number), DENSE))
        answers = service.RecognizeStream(iter(sending.get, None))
        eventually(lambda: server.metrics()["edgeocr_image_pixels_count"] == 4)
        watching = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert next(watching).status == health_pb2.HealthCheckResponse.SERVING
        server.terminate()
        assert next(watching).status == health_pb2.HealthCheckResponse.NOT_SERVING
        done = []
        with pytest.raises(grpc.RpcError) as error:
            for event in answers:
                done.append(event.completion)
        sending.put(None)
        assert [len(one.document.pages[0].lines) for one in done] == [14] * 4
        assert error.value.code() is grpc.StatusCode.UNAVAILABLE
        assert "shutting down" in error.value.details()
        assert server.process.wait(30) == 0


def test_new_work_is_taken_until_the_drain_delay_is_over(weights):
    with ServerProcess("--drain-delay-seconds", "30") as server, server.channel() as channel:
        health = health_pb2_grpc.HealthStub(channel)
        server.terminate()
        request = health_pb2.HealthCheckRequest()
        eventually(lambda: health.Check(request).status == health_pb2.HealthCheckResponse.NOT_SERVING)
        options = ocr_pb2.RecognizeOptions(mode=ocr_pb2.MODE_LINE)
        data = encoded(line("just in time"))
        answer = stub(channel).Recognize(ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=data), options=options))
        assert answer.document.pages[0].text.replace(" ", "") == "justintime"
        server.process.kill()


def test_a_second_signal_ends_the_server_at_once(weights):
    with ServerProcess("--drain-delay-seconds", "60") as server:
        server.terminate()
        eventually(lambda: any("draining" in row for row in server.log))
        server.terminate()
        assert server.process.wait(10) == -signal.SIGTERM


def test_calls_that_take_too_long_are_cut_off_when_the_time_to_drain_is_over(weights):
    with ServerProcess("--workers", "1", "--drain-seconds", "0.2") as server, server.channel() as channel:
        requests = [configuration(ocr_pb2.MODE_PAGE), *(image(str(number), DENSE) for number in range(16))]
        errors = []

        def read():
            try:
                list(stub(channel).RecognizeStream(iter(requests)))
            except grpc.RpcError as error:
                errors.append(error.code())

        reading = threading.Thread(target=read)
        reading.start()
        eventually(lambda: server.metrics()["edgeocr_image_pixels_count"] == 16)
        server.terminate()
        assert server.process.wait(30) == EXIT_CUT_OFF
        reading.join()
        assert errors in ([grpc.StatusCode.UNAVAILABLE], [grpc.StatusCode.CANCELLED])
        assert any("cut off" in row for row in server.log)


def test_json_logs_are_one_object_a_line(weights):
    with ServerProcess("--log-format", "json") as server:
        server.terminate()
        server.process.wait(30)
    records = [json.loads(row) for row in server.log]
    assert [record["level"] for record in records] == ["INFO"] * len(records)
    assert records[0]["message"].startswith("serving on 127.0.0.1:")
    assert {"time", "logger"} <= set(records[0])


def test_one_caller_with_many_pages_does_not_keep_another_waiting(weights):
    with ServerProcess("--workers", "1") as server, server.channel() as one, server.channel() as another:
        requests = [
            configuration(ocr_pb2.MODE_PAGE, omit_line_events=True),
            *(image(str(number), DENSE) for number in range(12)),
        ]
        answers = stub(one).RecognizeStream(iter(requests))
        next(answers)
        options = ocr_pb2.RecognizeOptions(mode=ocr_pb2.MODE_LINE)
        stub(another).Recognize(
            ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=encoded(line("my turn"))), options=options)
        )
        done = server.metrics()["edgeocr_request_duration_seconds_count[code=OK][method=RecognizeStream]"]
        assert done < 6
        assert len(list(answers)) == 11
