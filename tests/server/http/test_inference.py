"""The Open Inference Protocol over HTTP, before real workers and without a network."""

import asyncio
import base64
import json
import struct

import pytest

from edgeocr.model.errors import Limit
from edgeocr.server.errors import QueueFull
from edgeocr.server.memory.reservation import Use
from tests.server.http.calls import HELLO, PAGE, squeezed
from tests.support.serving import eventually

INFER = "/v2/models/edgeocr/infer"
LENGTH = "Inference-Header-Content-Length"


def raw(*images):
    return b"".join(struct.pack("<I", len(image)) + image for image in images)


def asking(*images, **changes):
    """A request's JSON for images behind it."""
    tensor = {"name": "image", "shape": [len(images)], "datatype": "BYTES"}
    tensor["parameters"] = {"binary_data_size": len(raw(*images))}
    tensor |= changes.pop("tensor", {})
    return {"id": "7", "inputs": [tensor], "parameters": {"mode": "line"}, **changes}


def sent(fields, data):
    text = json.dumps(fields).encode()
    return {"content": text + data, "headers": {LENGTH: str(len(text))}}


def holding(serving):
    """What is held of bodies; an image that is begun is read to its next checkpoint."""
    used = serving.budget.used_bytes()
    return used[Use.ARRIVING] + used[Use.WAITING] + used[Use.SPOOLED]


async def post(client, *images, path=INFER, data=None, **changes):
    return await client.post(path, **sent(asking(*images, **changes), raw(*images) if data is None else data))


async def test_images_behind_the_json_are_read_and_answered_as_json(client, serving):
    answer = await post(client, HELLO, HELLO)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    found = answer.json()
    assert (found["id"], found["model_name"], found["model_version"]) == ("7", "edgeocr", "1.2.3")
    outputs = {output["name"]: output for output in found["outputs"]}
    assert list(outputs) == ["text", "confidence", "lines"]
    assert [outputs[name]["shape"] for name in outputs] == [[2]] * 3
    assert squeezed(outputs["text"]["data"]) == ["hellothere"] * 2
    assert all(0.5 < one <= 1 for one in outputs["confidence"]["data"])
    assert json.loads(outputs["lines"]["data"][0])[0]["text"] == outputs["text"]["data"][0]
    assert not any(serving.budget.used_bytes().values())


async def test_outputs_come_in_raw_form_where_that_is_asked_for(client):
    wanted = [{"name": "confidence", "parameters": {"binary_data": True}}, {"name": "text"}]
    answer = await post(client, HELLO, outputs=wanted)
    cut = int(answer.headers[LENGTH])
    confidence, text = json.loads(answer.content[:cut])["outputs"]
    assert confidence["parameters"] == {"binary_data_size": 4}
    assert "data" not in confidence
    assert 0.5 < struct.unpack("<f", answer.content[cut:])[0] <= 1
    assert squeezed(text["data"]) == ["hellothere"]
    answer = await post(
        client, HELLO, parameters={"mode": "line", "binary_data_output": True}, outputs=[{"name": "text"}]
    )
    data = answer.content[int(answer.headers[LENGTH]) :]
    assert struct.unpack_from("<I", data) == (len(data) - 4,)
    assert squeezed([data[4:].decode()]) == ["hellothere"]


async def test_images_in_the_json_are_in_base64(client, serving):
    text = base64.b64encode(HELLO).decode()
    tensor = {"name": "image", "shape": [2], "datatype": "BYTES", "data": [text, f"data:image/png;base64,{text}"]}
    asked = {"inputs": [tensor], "parameters": {"mode": "line"}, "model_name": "edgeocr", "model_version": None}
    for headers in ({}, {LENGTH: str(len(json.dumps(asked)))}):
        answer = await client.post(INFER, content=json.dumps(asked), headers=headers)
        assert squeezed(answer.json()["outputs"][0]["data"]) == ["hellothere"] * 2
    assert not any(serving.budget.used_bytes().values())


async def test_pages_are_read_unless_said_otherwise_and_versions_are_taken(client):
    for version in ("1", "1.2.3"):
        answer = await post(client, PAGE, path=f"/v2/models/edgeocr/versions/{version}/infer", parameters={})
        assert squeezed(answer.json()["outputs"][0]["data"][0].split("\n")) == ["firstline", "第二行"]


async def test_the_server_and_its_model_describe_themselves(client):
    server = (await client.get("/v2")).json()
    assert (server["name"], server["version"]) == ("edgeocr", "1.2.3")
    assert "binary_tensor_data" in server["extensions"]
    model = (await client.get("/v2/models/edgeocr")).json()
    assert model["inputs"] == [{"name": "image", "datatype": "BYTES", "shape": [-1]}]
    config = (await client.get("/v2/models/edgeocr/versions/1/config")).json()
    assert [one["name"] for one in config["output"]] == [one["name"] for one in model["outputs"]]
    (listed,) = (await client.post("/v2/repository/index")).json()
    assert (listed["name"], listed["state"]) == ("edgeocr", "READY")


async def test_statistics_count_requests_of_both_ends(client, serving):
    await post(client, HELLO, HELLO)
    await post(client, HELLO, b"garbage")
    await client.post(INFER, content=b"{")
    (told,) = (await client.get("/v2/models/edgeocr/stats")).json()["model_stats"]
    assert (told["version"], told["inference_count"]) == ("1.2.3", 2)
    (alias,) = (await client.get("/v2/models/edgeocr/versions/1/stats")).json()["model_stats"]
    assert (alias["version"], alias["inference_count"]) == ("1", 2)
    assert told["inference_stats"]["success"]["count"] == 1
    assert told["inference_stats"]["fail"]["count"] == 2
    assert serving.inference.statistics.images == 2


async def test_probes_say_what_health_says(client, serving):
    paths = ("/v2/health/ready", "/v2/models/edgeocr/ready")
    for ready, status in ((True, 200), (False, 503)):
        serving.lifecycle.ready = ready
        assert [(await client.get(path)).status_code for path in paths] == [status] * 2
        assert (await client.get("/v2/health/live")).json() == {"live": True}


WHOLE = raw(HELLO)


@pytest.mark.parametrize(
    ("changes", "data", "words"),
    [
        ({"inputs": []}, WHOLE, "inputs: none; there must be one, image"),
        ({"inputs": {}}, WHOLE, "inputs: must be a list of objects"),
        ({"inputs": [7]}, WHOLE, "inputs[0]: must be an object"),
        ({"tensor": {"shape": [2]}}, WHOLE, "inputs.image: 1 elements, by the shape 2"),
        ({"tensor": {"shape": [5]}}, WHOLE, "inputs.image.shape: [5], it must be [n], n from 1 to 4 (stream_images)"),
        ({"tensor": {"shape": [True]}}, WHOLE, "inputs[0].shape: must be a list of whole numbers"),
        ({"tensor": {"shape": [1e400]}}, WHOLE, "inputs[0].shape: must be a list of whole numbers"),
        ({"tensor": {"datatype": "FP32"}}, WHOLE, "inputs.image.datatype: 'FP32', it must be BYTES"),
        ({"tensor": {"shared": 1}}, WHOLE, "inputs[0]: 'shared' is unknown"),
        ({"tensor": {"data": ["x"]}}, WHOLE, "inputs.image.data: must be absent"),
        ({"tensor": {"parameters": {}}}, WHOLE, "inputs.image.data: must be a list of 1 images in base64"),
        ({"tensor": {"parameters": {"binary_data_size": -1}}}, WHOLE, "binary_data_size: must be a whole number"),
        ({"tensor": {"parameters": {"binary_data_size": 3}}}, WHOLE, "has"),
        ({}, WHOLE[:-1], "body: it ended before the request was complete"),
        ({}, WHOLE[:2], "body: it ended before the request was complete"),
        ({}, WHOLE + b"x", "inputs.image: there are bytes after those of binary_data_size"),
        ({}, struct.pack("<I", 1 << 31) + WHOLE[4:], "inputs.image: element 0 has 2147483648 bytes by its length"),
        ({"tensor": {"parameters": {"binary_data_size": 2 * len(WHOLE)}}}, 2 * WHOLE, "more than 1 elements"),
        ({"outputs": [{"name": "texts"}]}, WHOLE, "outputs: 'texts'; known are text, confidence, lines"),
        ({"outputs": [{"name": "text"}] * 2}, WHOLE, "outputs: one is named twice"),
        ({"outputs": [{"name": "text", "parameters": {"binary_data": 1}}]}, WHOLE, "must be true or false"),
        ({"parameters": {"priority": 1}}, WHOLE, "parameters: 'priority'; known are 'mode', 'reading' and 'timeout'"),
        ({"parameters": {"mode": ["page"]}}, WHOLE, "parameters.mode: a value that is not a string"),
        ({"parameters": {"timeout": 10**400}}, WHOLE, "parameters.timeout: must be a whole number of microseconds"),
        ({"parameters": {"timeout": 0.5}}, WHOLE, "parameters.timeout: must be a whole number of microseconds"),
        ({"id": 7}, WHOLE, "id: must be a string"),
        ({"id": "\ud800"}, WHOLE, "id: must be a string"),
        ({"sequence": 7}, WHOLE, "body: 'sequence' is unknown"),
    ],
)
async def test_a_wrong_request_names_the_field(client, serving, changes, data, words):
    answer = await post(client, HELLO, data=data, **changes)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    assert answer.json()["error"] == answer.json()["detail"]
    assert not holding(serving)


@pytest.mark.parametrize(
    ("length", "words"),
    [("0", "0 bytes"), ("x", "a number of bytes"), ("2000000", "2000000"), ("1" * 5000, "a number of bytes")],
)
async def test_a_wrong_length_of_the_json_is_refused(client, length, words):
    answer = await client.post(INFER, content=b"{}", headers={LENGTH: length})
    assert answer.status_code == 400
    assert words in answer.json()["error"]


async def test_bodies_may_come_byte_by_byte(application, client, serving):
    whole = sent(asking(HELLO, HELLO), raw(HELLO, HELLO))

    async def pieces():
        for place in range(0, len(whole["content"]), 7):
            yield whole["content"][place : place + 7]

    answer = await client.post(INFER, content=pieces(), headers=whole["headers"])
    assert squeezed(answer.json()["outputs"][0]["data"]) == ["hellothere"] * 2
    assert not any(serving.budget.used_bytes().values())


async def test_another_model_is_not_found(client):
    for path in ("/v2/models/other/infer", "/v2/models/edgeocr/versions/7/infer"):
        answer = await post(client, HELLO, path=path)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert (await post(client, HELLO, model_name="other")).status_code == 404


async def test_one_bad_image_fails_its_request_and_is_named(client, serving):
    answer = await post(client, HELLO, b"", HELLO)
    assert answer.json()["error"].startswith("image 1: image: is empty")
    answer = await post(client, HELLO, b"garbage")
    assert (answer.status_code, answer.json()["error"][:9]) == (415, "image 1: ")
    # A worker may be about to begin one of the others, and finds only then that nobody wants it any more.
    await asyncio.to_thread(eventually, lambda: not holding(serving))


async def test_the_time_allowed_ends_a_request(client):
    answer = await post(client, HELLO, parameters={"timeout": 1})
    assert (answer.status_code, answer.json()["code"]) == (504, "DEADLINE_EXCEEDED")


async def test_a_full_queue_refuses_before_the_rest_has_come(client, serving, monkeypatch):
    def full(_):
        raise QueueFull("the queue is full", Limit("queue_images", 1, 2), 2.0)

    monkeypatch.setattr(serving.queue, "check", full)
    answer = await post(client, HELLO, HELLO)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")


async def test_a_request_that_is_not_admitted_holds_nothing(client, serving):
    serving.budget.observe(base_bytes=serving.budget.total_bytes)
    answer = await post(client, HELLO)
    assert answer.status_code in (413, 429)
    assert not holding(serving)
