"""The reflection service v1, which has the messages of v1alpha under another name, and describes itself."""

from collections.abc import Sequence
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_reflection.v1alpha import reflection, reflection_pb2

SERVICE = "grpc.reflection.v1.ServerReflection"
_FILE, _PACKAGE, _ALPHA = "grpc/reflection/v1/reflection.proto", "grpc.reflection.v1", "grpc.reflection.v1alpha"


def handler(services: Sequence[str]) -> "grpc.GenericRpcHandler[Any, Any]":
    """The handler of reflection, which also lists itself."""
    _describe()
    servicer = reflection.aio.ReflectionServicer(services)  # type: ignore[attr-defined]  # the stubs lack aio
    method = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    return grpc.method_handlers_generic_handler(SERVICE, {"ServerReflectionInfo": method})


def _describe() -> None:
    """Adds the service's descriptor, which grpcio-reflection lacks, to the descriptor pool."""
    pool = descriptor_pool.Default()
    try:
        pool.FindFileByName(_FILE)
    except KeyError:
        pool.AddSerializedFile(_description().SerializeToString())


def _description() -> descriptor_pb2.FileDescriptorProto:
    described = descriptor_pb2.FileDescriptorProto()
    reflection_pb2.DESCRIPTOR.CopyToProto(described)
    described.name, described.package = _FILE, _PACKAGE
    described.ClearField("options")
    for message in described.message_type:
        for field in message.field:
            if field.type_name:
                field.type_name = _renamed(field.type_name)
    for service in described.service:
        for method in service.method:
            method.input_type, method.output_type = _renamed(method.input_type), _renamed(method.output_type)
    return described


def _renamed(name: str) -> str:
    return name.replace(f".{_ALPHA}.", f".{_PACKAGE}.", 1)
