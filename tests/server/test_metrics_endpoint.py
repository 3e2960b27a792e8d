"""The port for those who watch: what it answers, to whom, and what those who hold it open can do."""

import asyncio
import gzip
import time

import pytest

from edgeocr.server.access.policy import AccessPolicy
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.observing import metrics_endpoint
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.observing.metrics_endpoint import MOST_CONNECTIONS, MetricsEndpoint
from edgeocr.server.tracing.tracer import NoTracing


class Port:
    """An endpoint that listens."""

    def __init__(self):
        self.metrics = Metrics()
        self.lifecycle = Lifecycle(NoTracing())
        self.endpoint = MetricsEndpoint(self.metrics, self.lifecycle, AccessPolicy(hosts=frozenset({"ocr.example"})))

    async def open(self):
        return await asyncio.open_connection("127.0.0.1", self.number)

    async def send(self, request):
        """The status, the headers and the body of an answer, at whose end the connection closes."""
        reader, writer = await self.open()
        writer.write(request)
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        line, *fields = head.decode().split("\r\n")
        return int(line.split(" ")[1]), dict(field.split(": ", 1) for field in fields), body

    async def get(self, path, **headers):
        fields = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        return await self.send(f"GET {path} HTTP/1.1\r\n{fields}\r\n".encode())


@pytest.fixture
async def port():
    value = Port()
    value.number = await value.endpoint.start("127.0.0.1", 0)
    yield value
    value.endpoint.close()


async def test_metrics_are_reported_in_the_form_that_is_asked_for(port):
    port.metrics.rejected("queue_full")
    status, headers, body = await port.get("/metrics", host="localhost:9464")
    assert (status, headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert b'edgeocr_rejected_total{reason="queue_full"} 1.0' in body
    assert int(headers["content-length"]) == len(body)
    _, headers, body = await port.get("/metrics", accept="application/openmetrics-text; version=1.0.0")
    assert headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert body.endswith(b"# EOF\n")
    _, headers, body = await port.get("/metrics?name=all", accept_encoding="gzip, deflate")
    assert headers["content-encoding"] == "gzip"
    assert b"edgeocr_rejected_total" in gzip.decompress(body)


async def test_health_follows_whether_images_are_welcome(port):
    for ready, status in ((False, 503), (True, 200), (False, 503)):
        port.lifecycle.ready = ready
        assert (await port.get("/readyz"))[0] == status
        assert (await port.get("/healthz"))[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "a@localhost", "", "[::1"])
@pytest.mark.parametrize("path", ["/metrics", "/healthz"])
async def test_under_another_name_nothing_is_answered(port, path, host):
    status, _, body = await port.get(path, host=host)
    assert (status, body) == (421, b"Host: no name of this server (http_hosts)\n")


async def test_of_two_hosts_none_counts(port):
    assert (await port.send(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"))[0] == 421


@pytest.mark.parametrize("host", ["ocr.example:9464", "127.0.0.1:9464", "[::1]:9464", "10.1.2.3", "LOCALHOST"])
async def test_by_its_own_names_and_addresses_the_server_answers(port, host):
    assert (await port.get("/metrics", host=host))[0] == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 404),
        (b"GET //metrics HTTP/1.1\r\n\r\n", 404),
        (b"POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", 405),
        (b"GET /metrics HTTP/2.0\r\n\r\n", 400),
        (b"GET /metrics\r\n\r\n", 400),
        (b"\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\xff\xfe \xff\r\n\r\n", 400),
        (b"GET /metrics HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
        (b"GET /metrics HTTP/1.1\r\nA: " + b"b" * 9000, 431),
        (b"GET /metrics HTTP/1.1\r\nno header\r\n\r\n", 200),
    ],
)
async def test_what_is_no_request_of_a_scraper_is_refused(port, request_, status):
    assert (await port.send(request_))[0] == status


async def test_a_request_may_come_byte_by_byte(port):
    reader, writer = await port.open()
    for byte in b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n":
        writer.write(bytes([byte]))
        await writer.drain()
    assert (await asyncio.wait_for(reader.read(), 10)).startswith(b"HTTP/1.1 200 OK\r\n")
    writer.close()


async def test_who_opens_many_connections_and_says_nothing_keeps_nobody_out(port):
    held = [await port.open() for _ in range(2 * MOST_CONNECTIONS)]
    assert (await port.get("/readyz"))[0] == 503
    assert len(port.endpoint._connections) <= MOST_CONNECTIONS
    first_reader, _ = held[0]
    assert await asyncio.wait_for(first_reader.read(), 10) == b"", "the oldest has gone"
    for _, writer in held:
        writer.close()


async def test_a_connection_that_is_not_done_in_time_is_closed(port, monkeypatch):
    monkeypatch.setattr(metrics_endpoint, "CONNECTION_SECONDS", 0.05)
    reader, writer = await port.open()
    writer.write(b"GET /metrics HTTP/1.1\r\nX: ")
    assert await asyncio.wait_for(reader.read(), 10) == b""
    assert not port.endpoint._connections
    writer.close()


async def test_scrapes_go_one_at_a_time(port, monkeypatch):
    running, most = [0], [0]

    def exposition(_):
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(0.005)
        running[0] -= 1
        return b"told\n", "text/plain"

    monkeypatch.setattr(port.metrics, "exposition", exposition)
    answers = await asyncio.gather(*(port.get("/metrics") for _ in range(20)))
    assert {(status, body) for status, _, body in answers} == {(200, b"told\n")}
    assert most == [1]


async def test_a_bug_is_a_fixed_text_with_its_trace_in_the_log(port, monkeypatch, caplog):
    def fail(_):
        raise ValueError("a secret")

    monkeypatch.setattr(port.metrics, "exposition", fail)
    status, _, body = await port.get("/metrics")
    assert (status, body) == (500, b"Internal Server Error\n")
    assert "a secret" in caplog.text
    assert (await port.get("/healthz"))[0] == 200


async def test_once_it_is_closed_nobody_is_answered(port):
    reader, writer = await port.open()
    await asyncio.sleep(0.01)
    port.endpoint.close()
    assert await asyncio.wait_for(reader.read(), 10) == b""
    with pytest.raises(OSError):
        await port.open()
    writer.close()
