"""Requests of the Open Inference Protocol: what is asked for, and what is wrong with them."""

import json
import struct

import pytest

from edgeocr.model.errors import InvalidInput
from edgeocr.model.options import Mode, Reading
from edgeocr.model.results import Line, Page
from edgeocr.proto.inference import open_inference_pb2
from edgeocr.results.document import Timings
from edgeocr.server.grpc.open_inference import tensors
from edgeocr.server.inference import descriptions
from edgeocr.server.inference.model import InferenceModel
from edgeocr.server.inference.question import Choices
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.events import Finished

MOST = 4
Request = open_inference_pb2.ModelInferRequest
Parameter = open_inference_pb2.InferParameter


def raw(*elements):
    return b"".join(struct.pack("<I", len(element)) + element for element in elements)


def request(**changes):
    """A good request for two images, raw, but for the changes; those of the tensor by their names."""
    tensor = {"name": "image", "datatype": "BYTES", "shape": [2], "contents": None}
    tensor |= {name: changes.pop(name) for name in list(changes) if name in tensor}
    values = {"model_name": "edgeocr", "inputs": [Request.InferInputTensor(**tensor)]}
    values |= {"raw_input_contents": [raw(b"one", b"two")]}
    return Request(**(values | changes))


def contents(**values):
    return open_inference_pb2.InferTensorContents(**values)


def test_raw_elements_and_typed_ones_ask_for_the_same():
    typed = request(contents=contents(bytes_contents=[b"one", b"two"]), raw_input_contents=[])
    for given, is_raw in ((request(), True), (typed, False)):
        asked = tensors.question(given, MOST)
        assert [image.data for image in asked.images] == [b"one", b"two"]
        assert (asked.choices, asked.raw) == (Choices(Mode.PAGE, None, None), is_raw)
        assert list(asked.outputs) == ["text", "confidence", "lines"]


def test_an_element_may_be_empty_here_since_admission_refuses_it():
    asked = tensors.question(request(raw_input_contents=[raw(b"", b"")]), MOST)
    assert [image.data for image in asked.images] == [b"", b""]


def test_choices_are_taken():
    parameters = {
        "mode": Parameter(string_param="line"),
        "reading": Parameter(string_param="accurate"),
        "timeout": Parameter(uint64_param=1_500_000),
    }
    outputs = [Request.InferRequestedOutputTensor(name=name) for name in ("lines", "text")]
    asked = tensors.question(request(parameters=parameters, outputs=outputs), MOST)
    assert asked.choices == Choices(Mode.LINE, Reading.ACCURATE, 1.5)
    assert list(asked.outputs) == ["lines", "text"]


def test_what_clients_say_of_raw_forms_is_let_through():
    asked = request(outputs=[Request.InferRequestedOutputTensor(name="text")])
    asked.inputs[0].parameters["binary_data_size"].int64_param = 14
    asked.outputs[0].parameters["binary_data"].bool_param = True
    asked.parameters["triton_enable_empty_final_response"].bool_param = True
    assert [image.data for image in tensors.question(asked, MOST).images] == [b"one", b"two"]


def test_the_configuration_has_the_tensors_of_the_description():
    described, config = descriptions.metadata(InferenceModel("1", None, Metrics(), MOST)), descriptions.config()
    for told, configured in ((described["inputs"], config["input"]), (described["outputs"], config["output"])):
        assert [(one["name"], one["shape"]) for one in told] == [(one["name"], one["dims"]) for one in configured]
    assert config["max_batch_size"] == 0


BOTH = [raw(b"one", b"two")]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"inputs": []}, "inputs: none; there must be one, image"),
        ({"name": "picture"}, "inputs: 'picture'; there must be one"),
        ({"inputs": [Request.InferInputTensor(name="image")] * 9}, "'image' and more; there must be one"),
        ({"datatype": "UINT8"}, "inputs.image.datatype: 'UINT8', it must be BYTES"),
        ({"datatype": ""}, "inputs.image.datatype: ''"),
        ({"shape": []}, "inputs.image.shape: [], it must be [n]"),
        ({"shape": [2, 1]}, "inputs.image.shape: [2, 1]"),
        ({"shape": [0]}, "inputs.image.shape: [0]"),
        ({"shape": [-1]}, "inputs.image.shape: [-1]"),
        ({"shape": [5]}, "inputs.image.shape: [5], it must be [n], n from 1 to 4 (stream_images)"),
        ({"shape": [2**62]}, "inputs.image.shape: [4611686018427387904]"),
        ({"shape": [1] * 10_000}, "inputs.image.shape: [1, 1, 1, 1, 1, 1, 1, 1], it"),
        ({"shape": [3]}, "raw_input_contents: end before element 2, by the shape there are 3"),
        ({"shape": [1]}, "raw_input_contents: 7 bytes more than 1 elements"),
        ({"raw_input_contents": [b""]}, "raw_input_contents: end before element 0"),
        ({"raw_input_contents": [b"\x01\x00"]}, "raw_input_contents: end before element 0"),
        (
            {"raw_input_contents": [b"\xff\xff\xff\xffone"]},
            "element 0 has 4294967295 bytes by its length, but 3 are left",
        ),
        ({"raw_input_contents": [raw(b"one", b"two")[:-1]]}, "element 1 has 3 bytes by its length, but 2 are left"),
        ({"raw_input_contents": BOTH * 2}, "raw_input_contents: 2, for one input there must be one"),
        (
            {"contents": contents(bytes_contents=[b"one", b"two"])},
            "must be empty if there are raw_input_contents",
        ),
        ({"raw_input_contents": []}, "contents.bytes_contents: 0 elements, by the shape 2"),
        ({"raw_input_contents": [], "contents": contents(bytes_contents=[b"one"])}, "1 elements, by the shape 2"),
        ({"raw_input_contents": [], "contents": contents(int_contents=[1, 2])}, "int_contents are not for BYTES"),
        ({"parameters": {"mode": Parameter(string_param="word")}}, "parameters.mode: 'word' is unknown"),
        (
            {"parameters": {"mode": Parameter(int64_param=1)}},
            "parameters.mode: a value that is not a string",
        ),
        ({"parameters": {"reading": Parameter(string_param="slow")}}, "parameters.reading: 'slow' is unknown"),
        ({"parameters": {"timeout": Parameter(int64_param=-5)}}, "parameters.timeout: must be a whole number"),
        ({"parameters": {"timeout": Parameter(string_param="5")}}, "parameters.timeout: must be a whole number"),
        ({"parameters": {"priority": Parameter(uint64_param=1)}}, "parameters: 'priority'; known are 'mode'"),
        ({"outputs": [Request.InferRequestedOutputTensor(name="words")]}, "outputs: 'words'; known are text"),
        ({"outputs": [Request.InferRequestedOutputTensor(name="text")] * 2}, "outputs: one is named twice"),
        (
            {"outputs": [Request.InferRequestedOutputTensor(name="text", parameters={"classification": Parameter()})]},
            "outputs.text.parameters: 'classification'; known is 'binary_data'",
        ),
    ],
)
def test_a_wrong_request_names_the_field(changes, words):
    with pytest.raises(InvalidInput) as error:
        tensors.question(request(**changes), MOST)
    assert words in str(error.value)
    assert len(str(error.value)) < 300


def test_parameters_of_a_tensor_are_unknown():
    bad = request()
    bad.inputs[0].parameters["shared_memory_region"].string_param = "r"
    with pytest.raises(InvalidInput, match=r"inputs\.image\.parameters: 'shared_memory_region'"):
        tensors.question(bad, MOST)


POLYGON = ((0.0, 0.0), (9.04, 0.0), (9.0, 5.0), (0.0, 5.0))
READ = Finished(
    (Page(0, 9, 9, (Line(POLYGON, "甲", 0.75, ()), Line(POLYGON, "b c", 0.25, (), row=1))),), None, Timings()
)
BLANK = Finished((Page(0, 9, 9, ()),), None, Timings())


def test_an_answer_has_an_element_for_every_image():
    typed = request(contents=contents(bytes_contents=[b"one", b"two"]), raw_input_contents=[])
    response = tensors.answer([READ, BLANK], tensors.question(typed, MOST))
    text, confidence, lines = response.outputs
    assert [list(output.shape) for output in response.outputs] == [[2]] * 3
    assert list(text.contents.bytes_contents) == ["甲\nb c".encode(), b""]
    assert list(confidence.contents.fp32_contents) == [0.5, 0.0]
    found, nothing = map(json.loads, lines.contents.bytes_contents)
    assert found[0] == {
        "page": 0, "text": "甲", "confidence": 0.75, "polygon": [[0.0, 0.0], [9.0, 0.0], [9.0, 5.0], [0.0, 5.0]],
    }  # fmt: skip
    assert len(found) == 2
    assert nothing == []
    assert not response.raw_output_contents


def test_a_raw_request_has_a_raw_answer():
    outputs = [Request.InferRequestedOutputTensor(name=name) for name in ("confidence", "text")]
    response = tensors.answer([READ, BLANK], tensors.question(request(outputs=outputs), MOST))
    assert [output.name for output in response.outputs] == ["confidence", "text"]
    assert not any(output.HasField("contents") for output in response.outputs)
    confidence, text = response.raw_output_contents
    assert struct.unpack("<2f", confidence) == (0.5, 0.0)
    assert text == raw("甲\nb c".encode(), b"")
