"""The JSON part of a request."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edgeocr.model.errors import InvalidInput
from edgeocr.server.http.bodies.json_images import Base64, JsonBody, parse_object
from edgeocr.server.inference.model import NAME, InferenceModel
from edgeocr.server.inference.question import INPUT, Choices, Tensor, choices, image_count, wanted

_BINARY_OUTPUTS = "binary_data_output"
_MEMBERS = ("id", "model_name", "model_version", "parameters", "inputs", "outputs")
"""KServe's clients also send the model's name."""
_TENSOR_MEMBERS = ("name", "datatype", "shape", "parameters", "data")
_MOST_ID_CHARACTERS = 1024
_SURROGATE = re.compile("[\ud800-\udfff]")
"""Surrogates, which JSON can contain but answers cannot encode."""


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """A request's options, and its images if they are in the JSON.

    Attributes:
        id: the caller's id.
        count: number of images.
        choices: how they are read, and how long that may take.
        outputs: names of the requested outputs.
        binary: outputs requested in raw form.
        binary_bytes: size of the data after the JSON; None if there is none.
        images: images in base64, if there is no data after the JSON.
    """

    id: str
    count: int
    choices: Choices
    outputs: Sequence[str]
    binary: frozenset[str]
    binary_bytes: int | None
    images: Sequence[Base64]


def parse_request(body: bytes, model: InferenceModel) -> ParsedRequest:
    """Parses the JSON of a request.

    Raises:
        InvalidInput: it is malformed, or a field is invalid; the text names it.
        UnknownModel: it is for another model.
    """
    parsed = parse_object(body)
    fields = parsed.fields
    _check_members(fields, "body", _MEMBERS)
    request_id = parsed.value(fields.get("id", ""))
    if not isinstance(request_id, str) or len(request_id) > _MOST_ID_CHARACTERS or _SURROGATE.search(request_id):
        raise InvalidInput(f"id: must be a string of at most {_MOST_ID_CHARACTERS} characters")
    model.check(_text(fields, "model_name", NAME), _text(fields, "model_version", ""))
    inputs, outputs = _objects(fields, "inputs"), _objects(fields, "outputs")
    count = image_count([_tensor(one, f"inputs[{place}]") for place, one in enumerate(inputs)], model.most_images)
    named = [_tensor(one, f"outputs[{place}]") for place, one in enumerate(outputs)]
    names = wanted(named)
    parameters = dict(_object(fields.get("parameters", {}), "parameters"))
    by_default = _truth(parameters.pop(_BINARY_OUTPUTS, False), f"parameters.{_BINARY_OUTPUTS}")
    raw = {
        output.name: _truth(output.parameters.get("binary_data", by_default), f"outputs.{output.name}.parameters")
        for output in named or [Tensor(name) for name in names]
    }
    chosen = choices(parameters)
    binary_bytes, images = _data(parsed, inputs[0], count)
    binary = frozenset(name for name, is_raw in raw.items() if is_raw)
    return ParsedRequest(request_id, count, chosen, names, binary, binary_bytes, images)


def _data(parsed: JsonBody, tensor: Mapping[str, object], count: int) -> tuple[int | None, Sequence[Base64]]:
    """The size of the data after the JSON, or the images in it."""
    field = f"inputs.{INPUT}"
    size = _object(tensor.get("parameters", {}), f"{field}.parameters").get("binary_data_size")
    if size is not None:
        if not _is_whole(size):
            raise InvalidInput(f"{field}.parameters.binary_data_size: must be a whole number of bytes")
        if "data" in tensor:
            raise InvalidInput(f"{field}.data: must be absent if there is a binary_data_size")
        assert isinstance(size, int)
        return size, ()
    data = tensor.get("data")
    if not isinstance(data, list) or len(data) != count:
        raise InvalidInput(
            f"{field}.data: must be a list of {count} images in base64, by the shape; binary images follow the JSON "
            "(binary_data_size)"
        )
    return None, [parsed.image(one, f"{field}.data[{place}]") for place, one in enumerate(data)]


def _tensor(found: Mapping[str, object], field: str) -> Tensor:
    _check_members(found, field, _TENSOR_MEMBERS)
    name, datatype, shape = (
        found.get(member, default) for member, default in (("name", ""), ("datatype", ""), ("shape", []))
    )
    if not isinstance(name, str) or not isinstance(datatype, str):
        raise InvalidInput(f"{field}: name and datatype must be strings")
    if not isinstance(shape, list) or not all(_is_whole(one) for one in shape):
        raise InvalidInput(f"{field}.shape: must be a list of whole numbers")
    return Tensor(name[:64], datatype[:64], shape, _object(found.get("parameters", {}), f"{field}.parameters"))


def _text(fields: Mapping[str, object], name: str, default: str) -> str:
    found = fields.get(name, default)
    if found is not None and not isinstance(found, str):
        raise InvalidInput(f"{name}: must be a string")
    return found or default


def _objects(fields: Mapping[str, object], name: str) -> Sequence[Mapping[str, object]]:
    found = fields.get(name, [])
    if not isinstance(found, list):
        raise InvalidInput(f"{name}: must be a list of objects")
    return [_object(one, f"{name}[{place}]") for place, one in enumerate(found)]


def _object(found: object, field: str) -> Mapping[str, object]:
    if not isinstance(found, dict):
        raise InvalidInput(f"{field}: must be an object")
    return found


def _check_members(found: Mapping[str, object], field: str, known: Sequence[str]) -> None:
    if unknown := sorted(set(found) - set(known)):
        raise InvalidInput(f"{field}: {unknown[0][:64]!r} is unknown, known are {', '.join(known)}")


def _truth(found: object, field: str) -> bool:
    if not isinstance(found, bool):
        raise InvalidInput(f"{field}: must be true or false")
    return found


def _is_whole(found: object) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and found >= 0
