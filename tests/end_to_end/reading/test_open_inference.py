"""The Open Inference Protocol through a real server, with the plain stubs of its contract."""

import queue
import struct
from importlib.metadata import version

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status

from edgeocr.proto.inference import open_inference_pb2, open_inference_pb2_grpc
from tests.support.rendering import encoded, line, page
from tests.support.serving import ServerProcess, eventually

SERVICE = "inference.GRPCInferenceService"
DENSE = encoded(page([(f"Line number {number} of many", (40, 40 * number)) for number in range(14)]))


@pytest.fixture
def service(server):
    with server.channel() as channel:
        yield open_inference_pb2_grpc.GRPCInferenceServiceStub(channel)


def request(*images, mode="line", model="edgeocr", **values):
    infer = open_inference_pb2.ModelInferRequest(model_name=model, **values)
    infer.inputs.add(name="image", datatype="BYTES", shape=[len(images)])
    infer.inputs[0].contents.bytes_contents.extend(images)
    infer.parameters["mode"].string_param = mode
    return infer


def texts(response):
    outputs = {output.name: output.contents for output in response.outputs}
    return [text.decode().replace(" ", "") for text in outputs["text"].bytes_contents]


def test_several_images_are_read_in_their_order(server, service):
    words = ["alpha", "beta", "gamma"]
    before = server.metrics()
    response = service.ModelInfer(request(*(encoded(line(word)) for word in words), id="mine"))
    assert texts(response) == words
    assert (response.model_name, response.model_version, response.id) == ("edgeocr", version("edgeocr"), "mine")
    counted = "edgeocr_request_duration_seconds_count[code=OK][method=ModelInfer]"
    assert server.metrics()[counted] - before.get(counted, 0) == 3


def test_a_page_is_read_as_one_unless_said_otherwise(service):
    asked = request(encoded(page([("First line", (60, 60)), ("Second line", (60, 160))])))
    del asked.parameters["mode"]
    assert texts(service.ModelInfer(asked)) == ["Firstline\nSecondline"]


def test_the_server_and_its_model_describe_themselves(service):
    assert service.ServerLive(open_inference_pb2.ServerLiveRequest()).live
    assert service.ServerReady(open_inference_pb2.ServerReadyRequest()).ready
    for name in ("", "1", version("edgeocr")):
        assert service.ModelReady(open_inference_pb2.ModelReadyRequest(name="edgeocr", version=name)).ready
    metadata = service.ModelMetadata(open_inference_pb2.ModelMetadataRequest(name="edgeocr"))
    assert [tensor.name for tensor in (*metadata.inputs, *metadata.outputs)] == ["image", "text", "confidence", "lines"]
    assert service.ServerMetadata(open_inference_pb2.ServerMetadataRequest()).version == version("edgeocr")


def test_statistics_count_what_was_read_and_refused(service):
    def times():
        (model,) = service.ModelStatistics(open_inference_pb2.ModelStatisticsRequest()).model_stats
        return model.inference_count, model.inference_stats.success.count, model.inference_stats.fail.count

    before = times()
    service.ModelInfer(request(encoded(line("one")), encoded(line("two")), model_version="1"))
    with pytest.raises(grpc.RpcError):
        service.ModelInfer(request(b"garbage"))
    assert [after - first for first, after in zip(before, times(), strict=True)] == [2, 1, 1]
    assert service.ModelConfig(open_inference_pb2.ModelConfigRequest(name="edgeocr")).config.input[0].name == "image"


@pytest.mark.parametrize(("name", "version"), [("other", ""), ("", ""), ("edgeocr", "2"), ("x" * 4000, "")])
def test_an_unknown_model_or_version_is_not_found(service, name, version):
    calls = [
        lambda: service.ModelReady(open_inference_pb2.ModelReadyRequest(name=name, version=version)),
        lambda: service.ModelMetadata(open_inference_pb2.ModelMetadataRequest(name=name, version=version)),
        lambda: service.ModelInfer(request(b"x", model=name, model_version=version)),
    ]
    for call in calls:
        with pytest.raises(grpc.RpcError) as error:
            call()
        assert error.value.code() is grpc.StatusCode.NOT_FOUND
        assert len(error.value.details()) < 200


def test_one_bad_image_fails_its_request_alone_and_is_named(server, service):
    good = encoded(line("good"))
    with pytest.raises(grpc.RpcError) as error:
        service.ModelInfer(request(good, b"garbage", good))
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.value.details().startswith("image 1: image.encoded: not a known image")
    with pytest.raises(grpc.RpcError) as error:
        service.ModelInfer(request(good, good[: len(good) // 2]))
    assert error.value.details().startswith("image 1: image.encoded: the file is damaged")
    gauges = ("edgeocr_queue_length", "edgeocr_workers_busy")
    eventually(lambda: all(server.metrics()[gauge] == 0 for gauge in gauges))
    assert texts(service.ModelInfer(request(good))) == ["good"]


def test_a_length_beyond_the_message_is_the_clients_error(service):
    asked = request(b"x")
    asked.inputs[0].ClearField("contents")
    asked.raw_input_contents.append(struct.pack("<I", 2**31) + b"x")
    with pytest.raises(grpc.RpcError) as error:
        service.ModelInfer(asked)
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "element 0 has 2147483648 bytes by its length, but 1 are left" in error.value.details()


def test_a_message_that_cannot_be_parsed_is_the_clients_error(server):
    with server.channel() as channel:
        calls = [channel.unary_unary(f"/{SERVICE}/ModelInfer"), channel.stream_stream(f"/{SERVICE}/ModelStreamInfer")]
        for call, argument in zip(calls, (b"\xff\xff\xff", iter([b"\xff\xff\xff"])), strict=True):
            with pytest.raises(grpc.RpcError) as error:
                list(call(argument))
            assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_the_time_allowed_ends_a_request(service):
    late = request(DENSE, mode="page")
    late.parameters["timeout"].int64_param = 30_000
    with pytest.raises(grpc.RpcError) as error:
        service.ModelInfer(late)
    assert error.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert "before the image was read" in error.value.details()


def test_a_full_queue_refuses_with_a_hint(weights):
    with ServerProcess("--workers", "1", "--queue-images", "1") as server, server.channel() as channel:
        service = open_inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        with pytest.raises(grpc.RpcError) as error:
            service.ModelInfer(request(*[DENSE] * 8, mode="page"))
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "images are waiting, which is the limit (queue_images)" in error.value.details()
        assert "google.rpc.RetryInfo" in rpc_status.from_call(error.value).details[-1].type_url
        eventually(lambda: server.metrics()["edgeocr_queue_length"] == 0)


def test_a_stream_answers_in_order_and_outlives_errors(server, service):
    good = encoded(line("good"))
    asked = [
        request(good, id="a"),
        request(b"garbage", id="b"),
        request(good, good, id="c"),
        request(good, id="d", model="other"),
        request(DENSE, mode="page", id="e"),
        request(good, id="f"),
    ]
    answers = list(service.ModelStreamInfer(iter(asked)))
    assert [answer.infer_response.id for answer in answers] == list("abcdef")
    assert [answer.error_message.partition(":")[0] for answer in answers] == [
        "", "INVALID_ARGUMENT", "", "NOT_FOUND", "", "",
    ]  # fmt: skip
    assert texts(answers[2].infer_response) == ["good", "good"]
    assert texts(answers[4].infer_response)[0].count("\n") == 13


def raw(asked):
    """The same request, with its images as Triton's clients send them."""
    images = list(asked.inputs[0].contents.bytes_contents)
    asked.inputs[0].ClearField("contents")
    asked.raw_input_contents.append(b"".join(struct.pack("<I", len(image)) + image for image in images))
    return asked


@pytest.mark.parametrize("form", [lambda asked: asked, raw], ids=["contents", "raw"])
def test_images_that_wait_for_the_window_or_a_worker_are_accounted_for(weights, form):
    with ServerProcess("--workers", "1", "--stream-images", "5") as server, server.channel() as channel:
        service = open_inference_pb2_grpc.GRPCInferenceServiceStub(channel)

        def waiting_bytes():
            return server.metrics()["edgeocr_admitted_bytes[use=waiting]"]

        def waits_before_admission(admitted):
            metrics = server.metrics()
            waiting = metrics["edgeocr_admitted_bytes[use=waiting]"] - metrics["edgeocr_queue_bytes"]
            return metrics["edgeocr_image_pixels_count"] == admitted and waiting >= 2 * len(DENSE)

        pages = [form(request(*[DENSE] * count, mode="page", id=str(count))) for count in (4, 2)]
        answers = service.ModelStreamInfer(iter(pages))
        eventually(lambda: server.metrics()["edgeocr_image_pixels_count"] == 4)
        # Of the second request's images, the window has a place for one only.
        eventually(lambda: waits_before_admission(4))
        assert [answer.infer_response.id for answer in answers] == ["4", "2"]
        eventually(lambda: waiting_bytes() == 0)
        call = service.ModelInfer.future(form(request(*[DENSE] * 4, mode="page")))
        eventually(lambda: waiting_bytes() >= 2 * len(DENSE))
        assert call.result().outputs[0].shape == [4]
        eventually(lambda: waiting_bytes() == 0)


def test_a_stream_that_is_left_leaves_nothing_behind(server, service):
    answers = service.ModelStreamInfer(iter([request(DENSE, mode="page") for _ in range(12)]))
    next(answers)
    answers.cancel()
    gauges = ("edgeocr_streams", "edgeocr_queue_length", "edgeocr_queue_bytes", "edgeocr_workers_busy")
    eventually(lambda: all(server.metrics()[gauge] == 0 for gauge in gauges))


def test_sigterm_finishes_a_streams_requests(weights):
    with ServerProcess("--workers", "1", "--drain-seconds", "90") as server, server.channel() as channel:
        service = open_inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        sending = queue.SimpleQueue()
        for _ in range(3):
            sending.put(request(DENSE, mode="page"))
        answers = service.ModelStreamInfer(iter(sending.get, None))
        eventually(lambda: server.metrics()["edgeocr_image_pixels_count"] == 3)
        server.terminate()
        done = []
        with pytest.raises(grpc.RpcError) as error:
            for answer in answers:
                done.append(answer)
        sending.put(None)
        assert len(done) == 3
        assert not any(answer.error_message for answer in done)
        assert error.value.code() is grpc.StatusCode.UNAVAILABLE
        assert server.process.wait(30) == 0


def test_readiness_is_that_of_health(weights):
    with ServerProcess("--drain-delay-seconds", "30") as server, server.channel() as channel:
        service = open_inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        health = health_pb2_grpc.HealthStub(channel)
        assert health.Check(health_pb2.HealthCheckRequest(service=SERVICE)).status == 1
        server.terminate()
        eventually(lambda: not service.ServerReady(open_inference_pb2.ServerReadyRequest()).ready)
        assert not service.ModelReady(open_inference_pb2.ModelReadyRequest(name="edgeocr")).ready
        assert service.ServerLive(open_inference_pb2.ServerLiveRequest()).live
        server.process.kill()


def test_probes_need_no_token_and_reading_does(weights, tmp_path):
    tokens = tmp_path / "tokens"
    tokens.write_text("the-token-of-this-test")
    with ServerProcess("--tokens", str(tokens)) as server, server.channel() as channel:
        service = open_inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        assert service.ServerLive(open_inference_pb2.ServerLiveRequest()).live
        assert service.ServerReady(open_inference_pb2.ServerReadyRequest()).ready
        assert service.ModelReady(open_inference_pb2.ModelReadyRequest(name="edgeocr")).ready
        metadata = open_inference_pb2.ModelMetadataRequest(name="edgeocr")
        for call in (lambda: service.ModelMetadata(metadata), lambda: service.ModelInfer(request(b"x"))):
            with pytest.raises(grpc.RpcError) as error:
                call()
            assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_reflection_finds_the_protocol(server):
    with server.channel() as channel:
        assert SERVICE in ProtoReflectionDescriptorDatabase(channel).get_services()
