"""Tensors of the Open Inference Protocol to images, and what was read to tensors; nothing else."""

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files.image import EncodedImage, ImageSource
from edgeocr.model.options import Mode
from edgeocr.model.results import Line, Page
from edgeocr.proto.inference import open_inference_pb2
from edgeocr.server.scheduling.events import Finished

INPUT = "image"
_BYTES, _FP32 = "BYTES", "FP32"
_LENGTH = struct.Struct("<I")
_MICROSECONDS = 1e6
_CONFIDENCE_DIGITS = 4
_COORDINATE_DIGITS = 1

Parameters: TypeAlias = Mapping[str, open_inference_pb2.InferParameter]


@dataclass(frozen=True, slots=True)
class Question:
    """What a request asks for."""

    images: list[ImageSource]
    mode: Mode
    timeout_seconds: float | None
    outputs: Sequence[str]
    raw: bool


def question(request: open_inference_pb2.ModelInferRequest, most_images: int) -> Question:
    """The images and choices of a request.

    Raises:
        InvalidInput: a field is wrong; the text names it.
    """
    names = [tensor.name for tensor in request.inputs]
    if names != [INPUT]:
        raise InvalidInput(f"inputs: {_listed(names)}; there must be one, {INPUT}")
    (tensor,) = request.inputs
    _check_known(tensor.parameters, f"inputs.{INPUT}.parameters", "binary_data_size")
    if tensor.datatype != _BYTES:
        raise InvalidInput(f"inputs.{INPUT}.datatype: {tensor.datatype!r}, it must be {_BYTES}")
    shape = list(tensor.shape)
    if len(shape) != 1 or not 1 <= shape[0] <= most_images:
        raise InvalidInput(
            f"inputs.{INPUT}.shape: {shape[:8]}, it must be [n], n from 1 to {most_images} (stream_images)"
        )
    raw = bool(request.raw_input_contents)
    data = _raw_elements(request, shape[0]) if raw else _elements(tensor.contents, shape[0])
    mode, timeout_seconds = _choices(request.parameters)
    return Question([EncodedImage(one) for one in data], mode, timeout_seconds, _wanted(request), raw)


def answer(results: Sequence[Finished], asked: Question) -> open_inference_pb2.ModelInferResponse:
    """The outputs that were asked for, without the names of model and request."""
    response = open_inference_pb2.ModelInferResponse()
    for name in asked.outputs:
        datatype, value = OUTPUTS[name]
        values = [value(result.pages) for result in results]
        tensor = response.outputs.add(name=name, datatype=datatype, shape=[len(values)])
        if asked.raw:
            response.raw_output_contents.append(b"".join(_PACK[datatype](one) for one in values))
        elif datatype == _BYTES:
            tensor.contents.bytes_contents.extend(values)
        else:
            tensor.contents.fp32_contents.extend(values)
    return response


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:4])) + (" and more" if len(names) > 4 else "") if names else "none"


def _check_known(parameters: Parameters, field: str, known: str) -> None:
    """Lets the one through that clients send along though it says nothing over gRPC: where elements are in raw form."""
    if unknown := sorted(set(parameters) - {known}):
        raise InvalidInput(f"{field}: {_listed(unknown)}; known is {known!r}")


def _choices(parameters: Parameters) -> tuple[Mode, float | None]:
    """Mode and time allowed."""
    if unknown := sorted(set(parameters) - {"mode", "timeout"}):
        raise InvalidInput(f"parameters: {_listed(unknown)}; known are 'mode' and 'timeout'")
    mode, timeout_seconds = Mode.PAGE, None
    if "mode" in parameters:
        text = parameters["mode"].string_param
        if text not in list(Mode):
            raise InvalidInput(f"parameters.mode: {text[:32]!r} is unknown, known are {', '.join(Mode)}, as a string")
        mode = Mode(text)
    if "timeout" in parameters:
        given = parameters["timeout"]
        timeout_seconds = (given.int64_param or given.uint64_param) / _MICROSECONDS
        if timeout_seconds <= 0:
            raise InvalidInput("parameters.timeout: must be a whole number of microseconds, more than 0")
    return mode, timeout_seconds


def _elements(contents: open_inference_pb2.InferTensorContents, count: int) -> Sequence[bytes]:
    field = f"inputs.{INPUT}.contents"
    if others := [found.name for found, _ in contents.ListFields() if found.name != "bytes_contents"]:
        raise InvalidInput(f"{field}: {others[0]} are not for {_BYTES}, bytes_contents are")
    if len(contents.bytes_contents) != count:
        raise InvalidInput(f"{field}.bytes_contents: {len(contents.bytes_contents)} elements, by the shape {count}")
    return contents.bytes_contents


def _raw_elements(request: open_inference_pb2.ModelInferRequest, count: int) -> Sequence[bytes]:
    """BYTES as they are on the wire: each element's length, then the element."""
    if request.inputs[0].HasField("contents"):
        raise InvalidInput(f"inputs.{INPUT}.contents: must be left out where there are raw_input_contents")
    if len(request.raw_input_contents) != 1:
        raise InvalidInput(f"raw_input_contents: {len(request.raw_input_contents)}, for one input there must be one")
    (data,) = request.raw_input_contents
    elements, start = [], 0
    for place in range(count):
        if len(data) - start < _LENGTH.size:
            raise InvalidInput(f"raw_input_contents: end before element {place}, by the shape there are {count}")
        (size,) = _LENGTH.unpack_from(data, start)
        start += _LENGTH.size
        if size > len(data) - start:
            raise InvalidInput(
                f"raw_input_contents: element {place} has {size} bytes by its length, but {len(data) - start} are left"
            )
        elements.append(data[start : start + size])
        start += size
    if start < len(data):
        raise InvalidInput(
            f"raw_input_contents: {len(data) - start} bytes more than {count} elements, as the shape has it"
        )
    return elements


def _wanted(request: open_inference_pb2.ModelInferRequest) -> Sequence[str]:
    names = [output.name for output in request.outputs]
    if unknown := [name for name in names if name not in OUTPUTS]:
        raise InvalidInput(f"outputs: {_listed(unknown)}; known are {', '.join(OUTPUTS)}")
    if len(set(names)) < len(names):
        raise InvalidInput("outputs: one is named twice")
    for output in request.outputs:
        _check_known(output.parameters, f"outputs.{output.name}.parameters", "binary_data")
    return names or list(OUTPUTS)


def _text(pages: Sequence[Page]) -> bytes:
    return "\n".join(page.text for page in pages).encode()


def _confidence(pages: Sequence[Page]) -> float:
    confidences = [line.confidence for page in pages for line in page.lines]
    return sum(confidences) / len(confidences) if confidences else 0.0


def _lines(pages: Sequence[Page]) -> bytes:
    lines = [_line(page.index, line) for page in pages for line in page.lines]
    return json.dumps(lines, ensure_ascii=False).encode()


def _line(page: int, line: Line) -> dict[str, Any]:
    return {
        "page": page,
        "text": line.text,
        "confidence": round(line.confidence, _CONFIDENCE_DIGITS),
        "polygon": [[round(x, _COORDINATE_DIGITS), round(y, _COORDINATE_DIGITS)] for x, y in line.polygon],
    }


OUTPUTS: dict[str, tuple[str, Callable[[Sequence[Page]], Any]]] = {
    "text": (_BYTES, _text),
    "confidence": (_FP32, _confidence),
    "lines": (_BYTES, _lines),
}
"""The outputs by name: the type of their elements, and what makes the element of an image."""

_PACK: dict[str, Callable[[Any], bytes]] = {
    _BYTES: lambda value: _LENGTH.pack(len(value)) + value,
    _FP32: struct.Struct("<f").pack,
}


def metadata(model: str, version: str) -> open_inference_pb2.ModelMetadataResponse:
    """The description of the model."""
    described = open_inference_pb2.ModelMetadataResponse(name=model, versions=[version], platform="edgeocr")
    described.inputs.add(name=INPUT, datatype=_BYTES, shape=[-1])
    for name, (datatype, _) in OUTPUTS.items():
        described.outputs.add(name=name, datatype=datatype, shape=[-1])
    return described


def config(model: str) -> open_inference_pb2.ModelConfig:
    """The description of the model as Triton's configuration."""
    kinds = {_BYTES: open_inference_pb2.TYPE_STRING, _FP32: open_inference_pb2.TYPE_FP32}
    made = open_inference_pb2.ModelConfig(name=model, platform="edgeocr", backend="edgeocr")
    made.input.add(name=INPUT, data_type=kinds[_BYTES], dims=[-1])
    for name, (datatype, _) in OUTPUTS.items():
        made.output.add(name=name, data_type=kinds[datatype], dims=[-1])
    return made
