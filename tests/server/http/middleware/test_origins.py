"""By which names browsers may call, and whose pages may send images."""

import httpx
import pytest

from edgeocr.server.access.policy import AccessPolicy
from edgeocr.server.http.application import make_application
from edgeocr.server.memory.reservation import Use
from tests.support.rendering import encoded, line

HELLO = encoded(line("hello there"))


@pytest.fixture
async def named(serving):
    """A client of a server that is called ocr.example and scan."""
    access = AccessPolicy(hosts=frozenset({"ocr.example", "scan"}))
    application = make_application(serving.admission, serving.lifecycle, serving.metrics, access, serving.inference)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://localhost") as value:
        yield value


async def send(client, **headers):
    image = [("image", ("a.png", HELLO, "image/png"))]
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post("/api/ocr?mode=line", files=image, headers=given)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:5000", "localhost.:5000", "127.0.0.1:5000", "192.168.1.7", "[::1]:5000", "[fe80::1]"],
)
async def test_localhost_and_addresses_are_the_servers(client, host):
    assert (await send(client, host=host)).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "foreign.example",
        "foreign.example:5000",
        "localhost.foreign.example",
        "127.0.0.1.foreign.example",
        "[::1",
        "ocr",
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/ocr", "/metrics", "/healthz", "/page/main.js"])
async def test_by_any_other_name_nothing_is_answered(client, path, host):
    answer = await client.get(path, headers={"host": host})
    assert (answer.status_code, answer.headers["Content-Type"]) == (421, "application/problem+json")
    assert "http_hosts" in answer.json()["detail"]


async def test_clients_of_the_inference_protocol_find_why_under_error(client):
    misdirected = await client.get("/v2/health/ready", headers={"host": "foreign.example"})
    foreign = await client.post("/v2/models/edgeocr/infer", headers={"origin": "http://foreign.example"})
    assert (misdirected.status_code, foreign.status_code) == (421, 403)
    for answer in (misdirected, foreign):
        assert answer.json()["error"] == answer.json()["detail"]


async def test_people_see_which_setting_allows_a_name(client):
    answer = await client.get("/", headers={"host": "a<b>.example:5000", "accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (421, "text/html; charset=utf-8")
    assert "--http-hosts a&lt;b&gt;.example" in answer.text
    assert "<b>" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_names_that_the_server_was_given_are_its_own(named):
    for host in ("ocr.example", "OCR.example:80", "scan:5000", "localhost"):
        assert (await send(named, host=host)).status_code == 200
    for host in ("example", "a.ocr.example", "scanner"):
        assert (await send(named, host=host)).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site", "origin": "http://foreign.example"},
        {"sec_fetch_site": "same-site", "origin": "http://localhost:3000"},
        {"sec_fetch_site": "cross-site", "origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"origin": "http://foreign.example"},
        {"origin": "http://localhost:3000"},
        {"origin": "http://localhost.foreign.example"},
        {"origin": "null"},
        {"origin": ""},
    ],
)
async def test_a_page_of_another_site_may_not_send_images(client, serving, headers):
    answer = await send(client, **headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
    assert serving.budget.used_bytes() == dict.fromkeys(Use, 0)
    assert (await client.get("/healthz", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "none"},
        {"sec_fetch_site": "same-origin", "origin": "https://in.front"},
        {"origin": "http://localhost"},
        {"host": "10.0.0.1:5000", "origin": "http://10.0.0.1:5000"},
    ],
)
async def test_the_servers_own_page_and_what_is_no_browser_may(client, headers):
    assert (await send(client, **headers)).status_code == 200


async def test_pages_of_a_name_that_the_server_was_given_may_whatever_a_proxy_calls_it(named):
    for headers in ({}, {"sec_fetch_site": "same-site"}):
        assert (await send(named, host="127.0.0.1:5000", origin="https://ocr.example", **headers)).status_code == 200
        assert (await send(named, host="127.0.0.1:5000", origin="https://other.example", **headers)).status_code == 403
