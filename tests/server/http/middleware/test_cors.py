"""Which other sites' pages may call, and see what they are answered."""

import json
import struct

import httpx
import pytest

from edgeocr.server.access.policy import AccessPolicy
from edgeocr.server.http.application import make_application
from tests.support.rendering import encoded, line

HELLO = encoded(line("hello there"))
LENGTH = "Inference-Header-Content-Length"
APP = "https://app.example"
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}


@pytest.fixture
async def client_of(serving):
    """A client of a server that shares its answers with some origins."""
    clients = []

    def make(*origins):
        access = AccessPolicy(origins=frozenset(origins))
        application = make_application(serving.admission, serving.lifecycle, serving.metrics, access, serving.inference)
        clients.append(httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://localhost"))
        return clients[-1]

    yield make
    for client in clients:
        await client.aclose()


async def send(client, origin):
    headers = {"origin": origin, "sec-fetch-site": "cross-site"}
    return await client.post("/api/ocr?mode=line", files={"image": ("a.png", HELLO)}, headers=headers)


@pytest.mark.parametrize("origins", [(APP, "http://localhost:3000"), ("*",)])
async def test_pages_of_named_origins_see_their_answers(client_of, origins):
    client = client_of(*origins)
    answer = await send(client, APP)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == APP
    assert "Origin" in answer.headers["Vary"]
    refusal = await client.post("/api/ocr", content=b"x", headers={"origin": APP})
    assert (refusal.status_code, refusal.headers["Access-Control-Allow-Origin"]) == (415, APP)
    asked = await client.options("/api/ocr", headers={"origin": APP, **PREFLIGHT})
    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Origin"] == APP
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    allowed = asked.headers["Access-Control-Allow-Headers"].split(", ")
    assert sorted(allowed) == ["authorization", "content-type", LENGTH.lower()]


async def test_pages_of_named_origins_may_send_and_see_where_json_ends(client_of):
    client = client_of(APP)
    path, headers = "/v2/models/edgeocr/infer", {"origin": APP, "sec-fetch-site": "cross-site"}
    asked = {**PREFLIGHT, "access-control-request-headers": f"content-type,{LENGTH.lower()}"}
    preflight = await client.options(path, headers={"origin": APP, **asked})
    assert LENGTH.lower() in preflight.headers["Access-Control-Allow-Headers"]
    data = struct.pack("<I", len(HELLO)) + HELLO
    tensor = {"name": "image", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": len(data)}}
    text = json.dumps({"inputs": [tensor], "parameters": {"mode": "line", "binary_data_output": True}}).encode()
    answer = await client.post(path, content=text + data, headers={**headers, LENGTH: str(len(text))})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, APP)
    assert int(answer.headers[LENGTH]) < len(answer.content)
    assert LENGTH in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "origin",
    ["https://other.example", "http://app.example", "https://app.example:8443", "https://a.app.example", "null"],
)
@pytest.mark.parametrize("origins", [(), (APP,)])
async def test_other_pages_send_nothing_and_see_nothing(client_of, origins, origin):
    client = client_of(*origins)
    answer = await send(client, origin)
    assert answer.status_code == 403
    assert "cors_origins" in answer.json()["detail"]
    asked = await client.options("/api/ocr", headers={"origin": origin, **PREFLIGHT})
    for seen in (answer, asked, await client.get("/healthz", headers={"origin": origin})):
        assert not [name for name in seen.headers if name.startswith("access-control")]


async def test_a_private_network_is_let_in_where_its_server_says_so(client_of):
    asking = {"origin": APP, "access-control-request-private-network": "true", **PREFLIGHT}
    answer = await client_of(APP).options("/api/ocr", headers=asking)
    assert answer.headers["Access-Control-Allow-Private-Network"] == "true"


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/healthz", "/readyz", "/metrics", "/api/openapi.json", "/page/main.js"]
)
async def test_a_head_is_that_of_get_without_its_body(client, path):
    got, head = await client.get(path), await client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == got.headers["Content-Type"]


async def test_there_is_no_head_of_what_is_only_sent(client):
    assert (await client.head("/api/ocr")).status_code == 405


async def test_the_api_is_described_without_anything_from_elsewhere(client):
    answer = await client.get("/docs")
    assert answer.headers["Content-Type"].startswith("text/html")
    for said in ("POST /api/ocr", "GET /healthz", "text_layer", "multipart/form-data", "1.2.3", "429"):
        assert said in answer.text
    assert "://" not in answer.text
    assert "<script" not in answer.text
