"""Converts tensors of the Open Inference Protocol to images, and results to tensors."""

from collections.abc import Mapping, Sequence

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files.image import EncodedImage
from edgeocr.proto.inference import open_inference_pb2
from edgeocr.server.inference.outputs import BYTES, LENGTH, OUTPUTS, packed
from edgeocr.server.inference.question import INPUT, Question, Tensor, choices, image_count, wanted
from edgeocr.server.scheduling.events import Finished


def question(request: open_inference_pb2.ModelInferRequest, most_images: int) -> Question:
    """The images and parameters of a request.

    Raises:
        InvalidInput: a field is invalid; the text names it.
    """
    inputs = [Tensor(one.name, one.datatype, one.shape, _values(one.parameters)) for one in request.inputs]
    count = image_count(inputs, most_images)
    raw = bool(request.raw_input_contents)
    data = _raw_elements(request, count) if raw else _elements(request.inputs[0].contents, count)
    chosen = choices(_values(request.parameters))
    outputs = wanted([Tensor(one.name, parameters=_values(one.parameters)) for one in request.outputs])
    return Question([EncodedImage(one) for one in data], chosen, outputs, raw)


def answer(results: Sequence[Finished], asked: Question) -> open_inference_pb2.ModelInferResponse:
    """The requested outputs; the names of model and request are left to the caller."""
    response = open_inference_pb2.ModelInferResponse()
    for name in asked.outputs:
        datatype, value = OUTPUTS[name]
        values = [value(result.pages) for result in results]
        tensor = response.outputs.add(name=name, datatype=datatype, shape=[len(values)])
        if asked.raw:
            response.raw_output_contents.append(b"".join(packed(datatype, one) for one in values))
        elif datatype == BYTES:
            tensor.contents.bytes_contents.extend(values)
        else:
            tensor.contents.fp32_contents.extend(values)
    return response


def _values(parameters: Mapping[str, open_inference_pb2.InferParameter]) -> dict[str, object]:
    """The parameters as values; None for one without a value."""
    chosen = {name: given.WhichOneof("parameter_choice") for name, given in parameters.items()}
    return {name: which and getattr(parameters[name], which) for name, which in chosen.items()}


def _elements(contents: open_inference_pb2.InferTensorContents, count: int) -> Sequence[bytes]:
    field = f"inputs.{INPUT}.contents"
    if others := [found.name for found, _ in contents.ListFields() if found.name != "bytes_contents"]:
        raise InvalidInput(f"{field}: {others[0]} are not for {BYTES}, bytes_contents are")
    if len(contents.bytes_contents) != count:
        raise InvalidInput(f"{field}.bytes_contents: {len(contents.bytes_contents)} elements, by the shape {count}")
    return contents.bytes_contents


def _raw_elements(request: open_inference_pb2.ModelInferRequest, count: int) -> Sequence[bytes]:
    """The elements of a BYTES tensor in raw form: each element after its length."""
    if request.inputs[0].HasField("contents"):
        raise InvalidInput(f"inputs.{INPUT}.contents: must be empty if there are raw_input_contents")
    if len(request.raw_input_contents) != 1:
        raise InvalidInput(f"raw_input_contents: {len(request.raw_input_contents)}, for one input there must be one")
    (data,) = request.raw_input_contents
    elements, start = [], 0
    for place in range(count):
        if len(data) - start < LENGTH.size:
            raise InvalidInput(f"raw_input_contents: end before element {place}, by the shape there are {count}")
        (size,) = LENGTH.unpack_from(data, start)
        start += LENGTH.size
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
