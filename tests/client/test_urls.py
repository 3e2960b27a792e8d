"""Files behind URLs: fetched when asked for, within bounds, and from the public internet alone where that is asked."""

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from edgeocr.client import Client
from edgeocr.client.testing import FakeServer
from edgeocr.url import FetchError, Url

FILE = b"file" * 1000


class Site(BaseHTTPRequestHandler):
    """Answers by the path: /file, /to/PATH a redirect, /slow one byte after the other, anything else 404."""

    def do_GET(self):
        if self.path.startswith("/file"):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(FILE)
        elif self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            while not self.server.closing.wait(0.02):
                self.wfile.write(b"x")
        else:
            self.send_error(404, "Not Here")

    def log_message(self, *arguments):
        """Keeps quiet."""


@contextmanager
def serving(handler):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.closing = threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site():
    with serving(Site) as url:
        yield url


def test_a_file_is_fetched_through_redirects(site):
    assert Url(f"{site}/file?size=1").read() == FILE
    assert Url(f"{site}/to//to//file").read() == FILE
    assert Url(f"{site}/to/{site}/file").read() == FILE


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/none", "404 Not Here"),
        ("/to/ftp://ocr.example/file", "must be http"),
        ("/to/file:///etc/passwd", "must be http"),
        ("/to/http://name:password@127.0.0.1/", "without a name and password"),
        ("/to/http://[", "Invalid IPv6 URL"),
    ],
)
def test_what_is_no_file_is_an_error_that_says_why(site, path, said):
    with pytest.raises(FetchError, match=said):
        Url(site + path).read()


@pytest.mark.parametrize("public_only", [True, False])
@pytest.mark.parametrize("url", ["http://[", "HTTPS://[::1/", "s3://["])
def test_what_is_no_url_is_an_error_that_says_why(url, public_only):
    with pytest.raises(FetchError):
        Url(url, public_only=public_only).read()


def test_redirects_end(site):
    loop = "/to/" * 9 + "/file"
    with pytest.raises(FetchError, match="more than 5 redirects"):
        Url(site + loop).read()


def test_a_file_may_be_of_so_many_bytes(site):
    assert Url(f"{site}/file", most_bytes=len(FILE)).read() == FILE
    with pytest.raises(FetchError, match=f"more than {len(FILE) - 1} bytes"):
        Url(f"{site}/file", most_bytes=len(FILE) - 1).read()


def test_a_slow_host_is_given_up(site):
    with pytest.raises(FetchError, match="timed out"):
        Url(f"{site}/slow", timeout_seconds=0.2).read()


def test_nobody_answers():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(FetchError, match="refused"):
            Url(f"http://127.0.0.1:{free.getsockname()[1]}/").read()


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"),
        *("[::1]", "[fd00::1]", "[fe80::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]"),
        *("[2002:7f00:1::]", "2130706433", "0x7f000001", "0177.0.0.1"),
    ],
)
def test_other_addresses_than_public_ones_are_refused_in_every_form(host):
    with pytest.raises(FetchError, match=r"not of the public internet|getaddrinfo|Name or service|resolution"):
        Url(f"http://{host}:1/", public_only=True).read()


def test_names_and_redirects_lead_to_public_addresses_alone(site, monkeypatch):
    look_up = socket.getaddrinfo

    def answered(host, port, *arguments, **keywords):
        # The first name is public by its address; what connects to it reaches the site of this test.
        shown = {"public.example": "93.184.215.14", "both.example": "93.184.215.14", "private.example": "10.0.0.1"}.get(
            host
        )
        found = look_up(shown or host, port, *arguments, **keywords)
        return [*found, *look_up("127.0.0.1", port, *arguments, **keywords)] if host == "both.example" else found

    connected = []
    connect = socket.create_connection

    def connecting(address, timeout):
        connected.append(address[0])
        return connect(("127.0.0.1", address[1]), timeout)

    monkeypatch.setattr(socket, "getaddrinfo", answered)
    monkeypatch.setattr(socket, "create_connection", connecting)
    port = site.rpartition(":")[2]
    assert Url(f"http://public.example:{port}/file", public_only=True).read() == FILE
    assert connected == ["93.184.215.14"], "the address that was checked is the one that is called"
    for path in ("/to/http://private.example/", "/to/http://both.example/", f"/to/{site}/file", "/to/s3://bucket/key"):
        with pytest.raises(FetchError, match=r"not of the public internet|must be http"):
            Url(f"http://public.example:{port}{path}", public_only=True).read()
    assert connected == ["93.184.215.14"] * 5


def test_s3_is_not_of_the_public_internet():
    with pytest.raises(FetchError, match="must be http"):
        Url("s3://bucket/key", public_only=True).read()


def test_clients_read_urls_that_they_are_given_as_such(site):
    with FakeServer({FILE: "a file"}) as server, Client(server.target) as client:
        assert client.read(Url(f"{site}/file")).text == "a file"
        good, bad, text = client.read_many([Url(f"{site}/file"), Url(f"{site}/none"), f"{site}/file"])
    assert good.document.text == "a file"
    assert "404 Not Here" in bad.error.message
    assert "fetches it" in text.error.message
