"""The access log of a mixed load: a line for each image and each refused call, as metrics count them, and no text."""

import base64
import http.client
import json
import socket
import ssl
from collections import Counter
from hashlib import sha256

import grpc
import pytest

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.proto.inference import open_inference_pb2_grpc
from tests.end_to_end.reading.test_open_inference import request
from tests.support.certificates import issue
from tests.support.rendering import encoded, line, page
from tests.support.serving import ServerProcess, configuration, eventually, image, stub

ALICE, UNNAMED = "alice-token-0123456789", "token-without-a-name"
SECRET = "confidential"
LINE = encoded(line(SECRET))
PAGE = encoded(page([(SECRET, (60, 60)), ("Second line", (60, 160))]))
NAME = "file-name-of-somebody.png"
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PARENT = ("traceparent", f"00-{TRACE_ID}-b7ad6b7169203331-01")


def bearer(token):
    return ("authorization", f"Bearer {token}")


def refused(call, *arguments, **keywords):
    with pytest.raises(grpc.RpcError) as error:
        answer = call(*arguments, **keywords)
        if not isinstance(answer, ocr_pb2.RecognizeResponse):
            list(answer)
    return error.value


def asked(data):
    return ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=data))


def trailer(call):
    return dict(call.trailing_metadata())["x-request-id"]


@pytest.fixture
def tokens(tmp_path):
    path = tmp_path / "tokens"
    path.write_text(f"alice {ALICE}\n{UNNAMED}\n")
    path.chmod(0o600)
    return str(path)


def drive_grpc(channel, sent):
    """Sends images and mistakes over gRPC, and notes what there has to be a line of."""
    service, alice = stub(channel), [bearer(ALICE)]
    _, call = service.Recognize.with_call(asked(PAGE), metadata=[*alice, ("x-request-id", "order-7"), PARENT])
    assert trailer(call) == "order-7"
    error = refused(service.Recognize, asked(b"garbage"), metadata=[*alice, ("x-request-id", "x" * 129)])
    assert len(trailer(error)) == 16
    messages = [configuration(ocr_pb2.MODE_PAGE), image(NAME, LINE), image("b", b"garbage"), image("c", PAGE)]
    assert len(list(service.RecognizeStream(iter(messages), metadata=[bearer(UNNAMED)]))) >= 3
    inference = open_inference_pb2_grpc.GRPCInferenceServiceStub(channel)
    inference.ModelInfer(request(LINE, LINE), metadata=alice)
    sent["image"].update({"Recognize OK": 1, "Recognize INVALID_ARGUMENT": 1, "ModelInfer OK": 2})
    sent["image"].update({"RecognizeStream OK": 2, "RecognizeStream INVALID_ARGUMENT": 1})

    assert trailer(refused(service.Recognize, asked(LINE), metadata=[("x-request-id", "stranger")])) == "stranger"
    limit = service.GetServerInfo(ocr_pb2.GetServerInfoRequest(), metadata=alice).limits.message_bytes
    refused(service.Recognize, asked(bytes(limit + 1)), metadata=alice)
    refused(service.Recognize, asked(LINE), metadata=[*alice, ("x-large", "a" * 20_000)])
    refused(channel.unary_unary("/some.Service/Method"), b"", metadata=alice)
    refused(channel.unary_unary("/edgeocr.v1.OcrService/Recognize"), b"\xff\xff", metadata=alice)
    refused(service.RecognizeStream, iter([image("a", LINE)]), metadata=alice)
    sent["refusal"].update({"grpc unauthenticated": 1, "grpc message_too_large": 1, "grpc metadata_too_large": 1})
    sent["refusal"].update({"grpc unimplemented": 1, "grpc invalid_argument": 2})
    # The stream that begins without a config has an image, which is refused too.
    sent["image"].update({"RecognizeStream INVALID_ARGUMENT": 1})


def inference(data):
    """A request of the Open Inference Protocol, in JSON alone."""
    tensor = {"name": "image", "shape": [1], "datatype": "BYTES", "data": [base64.b64encode(data).decode()]}
    return json.dumps({"inputs": [tensor]}).encode()


def drive_http(server, sent):
    """The same over HTTP."""
    connection = http.client.HTTPConnection(server.http.partition("//")[2], timeout=30)
    alice = {"Authorization": f"Bearer {ALICE}", "Content-Type": "image/png", "X-Request-Id": "web-1"}
    infer = "/v2/models/edgeocr/infer"
    for path, headers, body, status in (
        (infer, alice, inference(LINE), 200),
        (infer, alice, inference(b"garbage"), 415),
        (infer, alice, b"{", 400),
        (infer, {}, inference(LINE), 401),
        ("/v2/models/other/infer", alice, inference(LINE), 404),
        ("/api/ocr", alice, LINE, 200),
        ("/api/ocr?stream=true", alice, PAGE, 200),
        ("/api/ocr", alice, b"garbage", 415),
        ("/api/ocr", {"Content-Type": "image/png"}, LINE, 401),
        ("/api/ocr", alice | {"Content-Type": "text/csv"}, LINE, 415),
        ("/api/ocr?mode=none", alice, LINE, 400),
        (f"/{NAME}", alice, b"", 404),
    ):
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
        assert (answer.getheader("X-Request-Id") == "web-1") == ("X-Request-Id" in headers)
    connection.close()
    sent["image"].update({"HttpRecognize OK": 1, "HttpRecognizeStream OK": 1, "HttpRecognize INVALID_ARGUMENT": 1})
    sent["image"].update({"HttpModelInfer OK": 1, "HttpModelInfer INVALID_ARGUMENT": 1})
    sent["refusal"].update({"http unauthenticated": 2, "http invalid_argument": 3, "http not_found": 2})


def test_a_mixed_load_has_a_line_for_each_image_and_refusal_as_counted_and_no_text(weights, tokens, tmp_path):
    sent = {"image": Counter(), "refusal": Counter()}
    with (tmp_path / "access").open("w+b") as file:
        with ServerProcess("--tokens", tokens, "--http", "127.0.0.1:0", output=file) as server:
            with server.channel() as channel:
                drive_grpc(channel, sent)
            drive_http(server, sent)
            expected = sum(map(Counter.total, sent.values()))
            eventually(lambda: (tmp_path / "access").read_text().count("\n") >= expected)
            metrics = server.metrics()
        file.seek(0)
        written = file.read().decode()
    lines = [json.loads(row) for row in written.splitlines()]
    images = [one for one in lines if one["event"] == "image"]
    refusals = [one for one in lines if one["event"] == "refusal"]
    assert Counter(f"{one['method']} {one['code']}" for one in images) == sent["image"]
    assert Counter(f"{one['transport']} {one['reason']}" for one in refusals) == sent["refusal"]
    assert len(images) + len(refusals) == len(lines)

    name = "edgeocr_request_duration_seconds_count"
    counted = {key: value for key, value in metrics.items() if key.startswith(name) and value}
    assert counted == {
        f"{name}[code={code}][method={method}]": count
        for (method, code), count in Counter((one["method"], one["code"]) for one in images).items()
    }
    name = "edgeocr_refused_calls_total"
    counted = {key: value for key, value in metrics.items() if key.startswith(name) and value}
    assert counted == {
        f"{name}[reason={reason}][transport={transport}]": count
        for (transport, reason), count in Counter((one["transport"], one["reason"]) for one in refusals).items()
    }

    for secret in (SECRET, "Second", NAME, ALICE, UNNAMED, "garbage"):
        assert secret not in written
    first = images[0]
    assert (first["caller"], first["request_id"], first["trace_id"]) == ("alice", "order-7", TRACE_ID)
    assert (first["format"], first["bytes"], first["pixels"]) == ("image/png", len(PAGE), 800 * 600)
    assert (first["pages"], first["lines"]) == (1, 2)
    stages = ("queue_seconds", "decode_seconds", "detect_seconds", "recognize_seconds")
    assert sum(first[stage] for stage in stages) > 0
    assert all(first[stage] <= first["seconds"] + 1e-3 for stage in stages)
    assert {one["caller"] for one in lines} == {"alice", "127.0.0.1", sha256(UNNAMED.encode()).hexdigest()[:16]}
    assert all(one["peer"].startswith("127.0.0.1:") for one in lines)


def test_json_logs_are_json_alone_whatever_clients_do_and_without_tracebacks(weights, tmp_path, monkeypatch):
    # gRPC's own lines are among them, whatever was asked for the tests.
    monkeypatch.delenv("GRPC_VERBOSITY", raising=False)
    trustme = pytest.importorskip("trustme")
    files = issue(trustme.CA(), tmp_path, "server", "127.0.0.1")
    tls = ("--tls-certificate", str(files.certificate), "--tls-key", str(files.key))
    with ServerProcess("--log-format", "json", "--http", "127.0.0.1:0", "--access-log", "stderr", *tls) as server:
        ports = [int(address.rpartition(":")[2]) for address in (server.target, server.http)]
        for port in (*ports, server.metrics_port):
            for data in (b"GET / HTTP/1.1\r\n\r\n", bytes(100), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01"):
                with socket.create_connection(("127.0.0.1", port), 10) as connection:
                    connection.sendall(data)
        for port in ports:
            with socket.create_connection(("127.0.0.1", port), 10) as connection, pytest.raises(ssl.SSLError):
                ssl.create_default_context().wrap_socket(connection, server_hostname="127.0.0.1")
        eventually(lambda: any("Handshake failed" in row for row in server.log))
        server.terminate()
        assert server.process.wait(30) == 0
    rows = [json.loads(row) for row in server.log]
    assert {"time", "level", "logger", "message"} <= rows[0].keys()
    assert not any("Traceback" in row or "exc_info" in row for row in server.log)
