"""docs/contract.md: calls, messages and enums of the contract, with what its comments say of each field."""

import tempfile
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import google.rpc
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet
from grpc_tools import protoc

_FILE = "edgeocr/v1/ocr.proto"
_HEAD = """# The contract

The gRPC service `edgeocr.v1.OcrService`, as [its file](../proto/edgeocr/v1/ocr.proto) declares it; reflection offers it
as well. This page is made of that file by `make reference`.
"""
# Where google.protobuf.descriptor_pb2 keeps things: numbers of fields along the way to what a comment belongs to.
_MESSAGES, _ENUMS, _SERVICES = 4, 5, 6
_FIELDS, _VALUES, _METHODS = 2, 2, 2
_SYNTAX = 12
_SCALARS = {
    value.number: name.removeprefix("TYPE_").lower()
    for name, value in FieldDescriptorProto.DESCRIPTOR.enum_types_by_name["Type"].values_by_name.items()
}

Comments = dict[tuple[int, ...], str]


def page() -> str:
    """The page as it should be."""
    contract = _compiled()
    comments = {
        tuple(place.path): place.leading_comments
        for place in contract.source_code_info.location
        if place.leading_comments
    }
    head = "\n".join(row.removeprefix(" ") for row in comments[_SYNTAX,].splitlines())
    parts = [_HEAD, head, "", *_services(contract, comments)]
    parts += ["## Messages", "", *_messages(contract, comments), "## Enums", "", *_enums(contract, comments)]
    return "\n".join(parts).rstrip() + "\n"


def _compiled() -> FileDescriptorProto:
    includes = [Path("proto"), *map(Path, google.rpc.__path__), Path(str(files("grpc_tools") / "_proto"))]
    includes[1] = includes[1].parent.parent
    with tempfile.NamedTemporaryFile() as out:
        arguments = [f"-I{folder}" for folder in includes]
        code = protoc.main(["protoc", *arguments, "--include_source_info", f"--descriptor_set_out={out.name}", _FILE])
        assert code == 0, "the contract does not compile"
        (contract,) = FileDescriptorSet.FromString(Path(out.name).read_bytes()).file
    return contract


def _services(contract: FileDescriptorProto, comments: Comments) -> Iterator[str]:
    for index, service in enumerate(contract.service):
        for place, method in enumerate(service.method):
            requests = f"{'stream ' if method.client_streaming else ''}{_local(method.input_type)}"
            answers = f"{'stream ' if method.server_streaming else ''}{_local(method.output_type)}"
            yield f"## {method.name}\n\n`rpc {method.name}({requests}) returns ({answers})`\n"
            yield _prose(comments[_SERVICES, index, _METHODS, place]) + "\n"


def _messages(contract: FileDescriptorProto, comments: Comments) -> Iterator[str]:
    for index, message in enumerate(contract.message_type):
        yield from _message(message, (_MESSAGES, index), comments)


def _message(message: DescriptorProto, path: Sequence[int], comments: Comments) -> Iterator[str]:
    yield f"### {message.name}\n\n{_prose(comments.get(tuple(path), ''))}\n"
    if message.field:
        yield "| field | type | meaning |\n| --- | --- | --- |"
    for place, field in enumerate(message.field):
        yield f"| `{field.name}` | `{_type(field)}` | {_cell(comments.get((*path, _FIELDS, place), ''))} |"
    yield ""


def _enums(contract: FileDescriptorProto, comments: Comments) -> Iterator[str]:
    for index, enum in enumerate(contract.enum_type):
        yield f"### {enum.name}\n\n{_prose(comments.get((_ENUMS, index), ''))}\n\n| value | meaning |\n| --- | --- |"
        for place, value in enumerate(enum.value):
            yield f"| `{value.name}` | {_cell(comments.get((_ENUMS, index, _VALUES, place), ''))} |"
        yield ""


def _type(field: FieldDescriptorProto) -> str:
    name = _local(field.type_name) if field.type_name else _SCALARS[field.type]
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return f"repeated {name}"
    return f"optional {name}" if field.proto3_optional else name


def _local(name: str) -> str:
    return name.removeprefix(".edgeocr.v1.").removeprefix(".")


def _prose(comment: str) -> str:
    return "\n".join(row.removeprefix(" ") for row in comment.strip("\n").splitlines()).strip()


def _cell(comment: str) -> str:
    return " ".join(comment.split()).replace("|", r"\|")
