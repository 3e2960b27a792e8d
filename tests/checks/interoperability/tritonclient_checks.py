"""What a program with tritonclient may expect: `tritonclient_checks.py TARGET HTTP_TARGET FOLDER`; needs nothing of
edgeocr."""

import json
import queue
import sys
from pathlib import Path

import numpy as np
from tritonclient import grpc, http
from tritonclient.utils import InferenceServerException


def images(*data, module=grpc):
    tensor = module.InferInput("image", [len(data)], "BYTES")
    tensor.set_data_from_numpy(np.array(data, dtype=np.object_))
    return [tensor]


def texts(result):
    return [text.decode().replace(" ", "") for text in result.as_numpy("text")]


def refused(call):
    try:
        call()
    except InferenceServerException as error:
        return error.status(), error.message()
    raise AssertionError("it was not refused")


def check_descriptions(client):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("edgeocr")
    assert client.get_server_metadata().name == "edgeocr"
    described = client.get_model_metadata("edgeocr")
    assert [(one.name, one.datatype, list(one.shape)) for one in described.inputs] == [("image", "BYTES", [-1])]
    assert [(one.name, one.datatype) for one in described.outputs] == [
        ("text", "BYTES"), ("confidence", "FP32"), ("lines", "BYTES"),
    ]  # fmt: skip


def check_inference(client, line, page):
    result = client.infer("edgeocr", images(line, line), request_id="7", parameters={"mode": "line"}, client_timeout=30)
    assert texts(result) == ["Over线上"] * 2
    assert result.get_response().id == "7"
    confidences = result.as_numpy("confidence")
    assert confidences.dtype == np.float32
    assert np.all((confidences > 0.5) & (confidences <= 1))
    wanted = [grpc.InferRequestedOutput("lines"), grpc.InferRequestedOutput("text")]
    result = client.infer("edgeocr", images(page), outputs=wanted, timeout=30_000_000)
    lines = json.loads(result.as_numpy("lines")[0])
    assert "\n".join(one["text"] for one in lines) == result.as_numpy("text")[0].decode()
    assert [len(one["polygon"]) for one in lines] == [4, 4]
    assert result.as_numpy("confidence") is None


def check_errors(client, line):
    status, message = refused(lambda: client.infer("edgeocr", images(line, b"garbage")))
    assert status == "StatusCode.INVALID_ARGUMENT"
    assert message.startswith("image 1: image.encoded: not a known image")
    status, _ = refused(lambda: client.infer("other", images(line)))
    assert status == "StatusCode.NOT_FOUND"
    status, _ = refused(lambda: client.infer("edgeocr", images(line), timeout=1))
    assert status == "StatusCode.DEADLINE_EXCEEDED"


def check_stream(client, line):
    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    for number in range(8):
        data = b"garbage" if number == 3 else line
        client.async_stream_infer("edgeocr", images(data), request_id=str(number), parameters={"mode": "line"})
    for number in range(8):
        result, error = answers.get(timeout=60)
        if number == 3:
            assert error.message().startswith("INVALID_ARGUMENT: image.encoded")
        else:
            assert (result.get_response().id, texts(result)) == (str(number), ["Over线上"])
    client.stop_stream()


def check_http(client, line, page):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("edgeocr", "1")
    assert [one["name"] for one in client.get_model_metadata("edgeocr")["outputs"]] == ["text", "confidence", "lines"]
    assert client.get_model_config("edgeocr")["max_batch_size"] == 0
    asked = images(line, line, module=http)
    result = client.infer("edgeocr", asked, model_version="1", request_id="7", parameters={"mode": "line"})
    assert texts(result) == ["Over线上"] * 2
    assert result.get_response()["id"] == "7"
    assert result.as_numpy("confidence").dtype == np.float32
    wanted = [http.InferRequestedOutput("lines", binary_data=False), http.InferRequestedOutput("text")]
    result = client.infer("edgeocr", images(page, module=http), outputs=wanted, timeout=30_000_000)
    lines = json.loads(result.as_numpy("lines")[0])
    assert "\n".join(one["text"] for one in lines) == result.as_numpy("text")[0].decode()
    for call, status, text in (
        (
            lambda: client.infer("edgeocr", images(line, b"garbage", module=http)),
            "415",
            "image 1: image.encoded: not a",
        ),
        (lambda: client.infer("other", images(line, module=http)), "404", "model: 'other' is unknown"),
        (lambda: client.infer("edgeocr", images(line, module=http), timeout=1), "504", "the deadline passed"),
    ):
        told, message = refused(call)
        assert (told, message[: len(text)]) == (status, text)
    (counted,) = client.get_inference_statistics("edgeocr")["model_stats"]
    assert counted["inference_count"] >= 3


def main():
    target, http_target, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    line, page = (folder / "line.png").read_bytes(), (folder / "page.png").read_bytes()
    with grpc.InferenceServerClient(target) as client:
        check_descriptions(client)
        check_inference(client, line, page)
        check_errors(client, line)
        check_stream(client, line)
    with http.InferenceServerClient(http_target) as client:
        check_http(client, line, page)
    print("tritonclient: all well, over gRPC and HTTP")


if __name__ == "__main__":
    main()
