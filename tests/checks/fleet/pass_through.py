"""Checks that a proxy passes on more than ordinary calls: early refusals of large images, Envoy's other protocols."""

import base64
import json
import struct
import urllib.error
import urllib.request
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import grpc

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.checks.fleet.proxies import Proxy
from tests.support.rendering import encoded, line
from tests.support.serving import ServerProcess, stub

_TOKEN = "a-token-of-the-fleet"
_LARGE_BYTES = 6 << 20
_REFUSALS = 20
_TEXT = "Through the proxy"
_KNOWN = {"haproxy": "CANCELLED"}
"""The code to which Debian 12's HAProxy, 2.6, changes an answer before the request's end; 3.0 does not."""


def check(way: str, installed: Path, folder: Path, target: str) -> list[str]:
    """What is wrong with a proxy before one server."""
    with ExitStack() as stack:
        tokens = folder / "tokens"
        tokens.write_text(f"{_TOKEN}\n")
        tokens.chmod(0o600)
        server = stack.enter_context(ServerProcess("--workers", "1", "--tokens", str(tokens), "--http", "127.0.0.1:0"))
        http = server.http.partition("//")[2]
        stack.enter_context(Proxy(way, installed, folder / f"{way}-pass-through", target, [server.target], [http]))
        codes = _refusals(target)
        print(f"  {_REFUSALS} images of {_LARGE_BYTES >> 20} MiB with a wrong token: {dict(codes)}", flush=True)
        faults = (
            [] if set(codes) <= {"UNAUTHENTICATED", _KNOWN.get(way)} else [f"{way}: refusals arrive as {dict(codes)}"]
        )
        return faults + (_other_protocols(target) if way == "envoy" else [])


def _refusals(target: str) -> Counter[str]:
    """How the refusals of large images, which come before they are sent to their end, arrive."""
    codes: Counter[str] = Counter()
    request = ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=bytes(_LARGE_BYTES)))
    with grpc.insecure_channel(target) as channel:
        for _ in range(_REFUSALS):
            try:
                stub(channel).Recognize(request, timeout=30, metadata=(("authorization", "Bearer another-one"),))
            except grpc.RpcError as error:
                codes[error.code().name] += 1
            else:
                codes["OK"] += 1
    return codes


def _other_protocols(target: str) -> list[str]:
    """Which of the ways for others than gRPC's clients do not read a line."""
    data = encoded(line(_TEXT))
    text = base64.b64encode(data).decode()
    tensor = {"name": "image", "shape": [1], "datatype": "BYTES", "data": [text]}
    asked = ocr_pb2.RecognizeRequest(
        image=ocr_pb2.Image(encoded=data), options=ocr_pb2.RecognizeOptions(mode=ocr_pb2.MODE_LINE)
    ).SerializeToString()
    recognize = "/edgeocr.v1.OcrService/Recognize"
    ways = {
        "gRPC-Web": (recognize, "application/grpc-web+proto", b"\0" + struct.pack(">I", len(asked)) + asked),
        "JSON": (recognize, "application/json", _json({"image": {"encoded": text}, "options": {"mode": "MODE_LINE"}})),
        "REST": ("/api/ocr?mode=line", "image/png", data),
        "Open Inference": (
            "/v2/models/edgeocr/infer", "application/json", _json({"inputs": [tensor], "parameters": {"mode": "line"}}),
        ),
    }  # fmt: skip
    faults = []
    for name, (path, media_type, body) in ways.items():
        headers = {"content-type": media_type, "authorization": f"Bearer {_TOKEN}"}
        request = urllib.request.Request(f"http://{target}{path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                said = answer.read()
        except urllib.error.HTTPError as error:
            said = f"{error}: ".encode() + error.read()
        reads = _TEXT.replace(" ", "").encode() in said.replace(b" ", b"")
        print(f"  {name}: {'reads' if reads else f'DOES NOT READ: {said[:200]!r}'}", flush=True)
        faults += [] if reads else [f"envoy: {name} does not read"]
    return faults


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
