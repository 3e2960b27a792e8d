"""What a real server says of itself: limits, health, reflection."""

from importlib.metadata import version

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.support.serving import stub

SERVICE = "edgeocr.v1.OcrService"


@pytest.fixture
def service(server):
    with server.channel() as channel:
        yield stub(channel)


def test_the_server_describes_itself(service):
    info = service.GetServerInfo(ocr_pb2.GetServerInfoRequest())
    assert info.version == version("edgeocr")
    assert {model.task for model in info.models} == {ocr_pb2.MODEL_TASK_DETECT, ocr_pb2.MODEL_TASK_RECOGNIZE}
    assert max(model.charset_size for model in info.models) > 6000
    assert all(len(model.sha256) == 64 and model.file_bytes > 0 for model in info.models)
    assert "image/jpeg" in info.media_types
    assert info.limits.stream_images > 0
    assert (info.limits.queue_images, info.limits.caller_images) == (64, 32)
    assert info.limits.queue_seconds == 0
    assert info.workers >= 1


def test_health_is_reported_for_the_server_and_for_its_service(server):
    with server.channel() as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for name in ("", SERVICE):
            assert health.Check(health_pb2.HealthCheckRequest(service=name)).status == 1
        with pytest.raises(grpc.RpcError) as error:
            health.Check(health_pb2.HealthCheckRequest(service="unknown"))
        assert error.value.code() is grpc.StatusCode.NOT_FOUND


def test_reflection_finds_the_contract(server):
    with server.channel() as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        assert SERVICE in database.get_services()
        service = DescriptorPool(database).FindServiceByName(SERVICE)
        method = service.FindMethodByName("RecognizeStream")
        assert method.input_type.full_name == "edgeocr.v1.RecognizeStreamRequest"


def test_reflection_answers_under_its_first_version_as_well(server):
    with server.channel() as channel:
        call = channel.stream_stream(
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        (answer,) = call(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
        assert SERVICE in {service.name for service in answer.list_services_response.service}
