"""What strangers' tools ask of reflection, asked as they do."""

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_reflection.v1alpha import reflection_pb2

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.grpc import reflection_v1

ASKED = f"/{reflection_v1.SERVICE}/ServerReflectionInfo"
SERVICES = (ocr_pb2.DESCRIPTOR.services_by_name["OcrService"].full_name, reflection_v1.SERVICE)


@pytest.fixture
async def ask():
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((reflection_v1.handler(SERVICES),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.stream_stream(
            ASKED,
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )

        async def answer(**request):
            return await anext(aiter(call(iter([reflection_pb2.ServerReflectionRequest(**request)]))))

        yield answer
    await server.stop(None)


async def test_every_service_that_is_listed_can_be_described_from_what_reflection_says_alone(ask):
    listed = (await ask(list_services="")).list_services_response
    assert sorted(service.name for service in listed.service) == sorted(SERVICES)
    for service in listed.service:
        pool = descriptor_pool.DescriptorPool()
        waiting = (await ask(file_containing_symbol=service.name)).file_descriptor_response.file_descriptor_proto
        files = [descriptor_pb2.FileDescriptorProto.FromString(data) for data in waiting]
        known = {}
        while files:
            file = files.pop()
            known[file.name] = file
            for needed in set(file.dependency) - known.keys():
                answer = await ask(file_by_filename=needed)
                files += map(
                    descriptor_pb2.FileDescriptorProto.FromString, answer.file_descriptor_response.file_descriptor_proto
                )
        while known:
            ready = [file for file in known.values() if not set(file.dependency) & known.keys()]
            for file in ready:
                pool.Add(known.pop(file.name))
        described = pool.FindServiceByName(service.name)
        assert all(method.input_type.full_name and method.output_type.full_name for method in described.methods)
        assert described.methods
