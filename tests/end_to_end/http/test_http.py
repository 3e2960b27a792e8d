"""The HTTP server over real connections: calls, access, and callers that disconnect or never finish."""

import io
import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded, line, page
from tests.support.serving import ServerProcess, eventually, start

HTTP = ("--http", "127.0.0.1:0")
HELLO = encoded(line("hello there"))
DENSE = encoded(page([(f"Line number {number} of many", (40, 40 * number)) for number in range(14)]))
GAUGES = (
    "edgeocr_queue_length",
    "edgeocr_workers_busy",
    "edgeocr_streams",
    "edgeocr_admitted_bytes[use=arriving]",
    "edgeocr_admitted_bytes[use=waiting]",
    "edgeocr_admitted_bytes[use=running]",
    "edgeocr_admitted_bytes[use=spooled]",
)


@pytest.fixture(scope="module")
def server(weights):
    with ServerProcess(*HTTP) as running:
        yield running
    assert not any("Traceback" in row for row in running.log), "".join(running.log)


def files(*images):
    return [("image", (f"{place}.png", data, "image/png")) for place, data in enumerate(images)]


def read(server, *images, query="", **options):
    return httpx.post(f"{server.http}/api/ocr{query}", files=files(*images), timeout=60, **options)


def at_rest(server):
    metrics = server.metrics()
    return all(metrics[name] == 0 for name in GAUGES)


def connect(server):
    host, port = server.http.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def head(length, media_type="image/png", path="/api/ocr"):
    fields = f"Host: localhost\r\nContent-Type: {media_type}\r\nContent-Length: {length}"
    return f"POST {path} HTTP/1.1\r\n{fields}\r\n\r\n".encode()


def test_curl_reads_an_image_as_the_readme_says(server, tmp_path):
    (tmp_path / "test.png").write_bytes(HELLO)
    command = ["curl", "-s", "-F", "image=@test.png", f"{server.http}/api/ocr"]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, timeout=60, check=True)
    assert [text.replace(" ", "") for text in json.loads(done.stdout)["text"]] == ["hellothere"]


def test_lines_arrive_before_a_dense_page_is_finished(weights):
    long = encoded(page([(f"line number {place}", (40, 20 + 40 * place)) for place in range(100)], height=4100))
    with (
        ServerProcess(*HTTP, "--workers", "1") as server,
        httpx.stream("POST", f"{server.http}/api/ocr?stream=1", files=files(long), timeout=60) as answer,
    ):
        rows = answer.iter_lines()
        first = next(row for row in rows if row.startswith("data: "))
        assert "line" in json.loads(first.removeprefix("data: "))
        assert server.metrics()["edgeocr_workers_busy"] == 1
        assert [row for row in rows if row.startswith("event: ")][-1] == "event: done"


def test_one_budget_one_queue_and_the_same_metrics_as_grpc(server):
    before = server.metrics()
    assert read(server, HELLO, HELLO, query="?mode=line").status_code == 200
    name = "edgeocr_request_duration_seconds_count[code=OK][method=HttpRecognize]"
    after = server.metrics()
    assert after[name] - before.get(name, 0) == 2
    scraped = httpx.get(f"{server.http}/metrics").text
    assert 'edgeocr_request_duration_seconds_count{code="OK",method="HttpRecognize"}' in scraped


def test_a_pdf_in_the_same_call(server):
    book = pdf([PdfPageSpec([("one", 40, 100)]), PdfPageSpec([("two", 40, 100)])])
    assert read(server, book).json()["text"] == ["one", "two"]


def test_an_upload_counts_as_it_arrives_and_no_longer_once_it_is_given_up(server):
    eventually(lambda: at_rest(server))
    with connect(server) as connection:
        connection.sendall(head(3_000_000) + bytes(2_000_000))
        eventually(lambda: server.metrics()["edgeocr_admitted_bytes[use=waiting]"] > 1_500_000)
    eventually(lambda: at_rest(server))


def test_a_batch_of_more_than_may_wait_is_read_as_it_comes(server):
    padded = HELLO + bytes(3_000_000)
    memory = server.metrics()
    assert (
        12 * len(padded)
        > 1.5 * (memory["edgeocr_memory_bytes[kind=budget]"] - memory["edgeocr_memory_bytes[kind=base]"]) / 8
    )
    answer = read(server, *[padded] * 12, query="?mode=line")
    assert [text.replace(" ", "") for text in answer.json()["text"]] == ["hellothere"] * 12
    eventually(lambda: at_rest(server))


def test_work_for_a_client_that_goes_away_is_dropped(weights):
    with ServerProcess(*HTTP, "--workers", "1") as server:
        for path in ("/api/ocr", "/api/ocr?stream=1"):
            body = io.BytesIO(b"".join(_form(*[DENSE] * 8)))
            with connect(server) as connection:
                connection.sendall(head(len(body.getvalue()), "multipart/form-data; boundary=b", path))
                connection.sendall(body.getvalue())
                eventually(lambda: server.metrics()["edgeocr_queue_length"] > 2)
            eventually(lambda: at_rest(server))
        counts = {name: value for name, value in server.metrics().items() if name.startswith("edgeocr_cancelled_total")}
        assert sum(counts.values()) > 4
        assert not any("Traceback" in row for row in server.log)


def _form(*images):
    for image in images:
        yield b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + image + b"\r\n"
    yield b"--b--\r\n"


def test_who_sends_too_much_still_hears_why(server):
    with connect(server) as connection:
        connection.sendall(head(1_000_000_000))
        for _ in range(50):
            connection.sendall(bytes(1_000_000))
        assert b" 413 " in connection.recv(1000)


@pytest.mark.parametrize("size", [17_000_000, 17_200_001, 40_000_000])
def test_files_beyond_the_limit_are_refused_once_they_have_arrived(weights, size):
    with ServerProcess(*HTTP, "--file-bytes", "16MiB") as server:
        answer = read(server, bytes(size))
        assert (answer.status_code, answer.json()["limit"]["name"]) == (413, "file_bytes")


def test_a_full_queue_says_when_to_come_again(weights):
    with ServerProcess(*HTTP, "--workers", "1", "--queue-images", "1") as server:
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(read(server, DENSE))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refused = [answer for answer in answers if answer.status_code == 429]
        assert {answer.status_code for answer in answers} == {200, 429}
        assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
        assert {answer.json()["limit"]["name"] for answer in refused} <= {"queue_images", "caller_images"}


def test_what_was_taken_is_answered_before_the_server_stops(weights):
    with ServerProcess(*HTTP, "--workers", "1") as server, httpx.Client(base_url=server.http, timeout=60) as client:
        answers = []
        thread = threading.Thread(target=lambda: answers.append(client.post("/api/ocr", files=files(*[DENSE] * 3))))
        thread.start()
        eventually(lambda: server.metrics()["edgeocr_workers_busy"] == 1)
        begun = connect(server)
        begun.sendall(head(3_000_000) + bytes(1_000))
        eventually(lambda: server.metrics()["edgeocr_admitted_bytes[use=waiting]"] >= 1_000)
        server.terminate()
        thread.join()
        assert [len(one["text"]) for one in answers[0].json()["results"]] == [14] * 3
        assert b"503 Service Unavailable" in begun.recv(1000)
        begun.close()
        assert server.process.wait(30) == 0
    assert not any("Traceback" in row or "cut off" in row for row in server.log), "".join(server.log)


def test_it_is_not_ready_while_it_drains_but_alive(weights):
    with ServerProcess(*HTTP, "--drain-delay-seconds", "2") as server:
        assert httpx.get(f"{server.http}/readyz").status_code == 200
        server.terminate()
        eventually(lambda: httpx.get(f"{server.http}/readyz").status_code == 503)
        assert httpx.get(f"{server.http}/healthz").status_code == 200
        assert read(server, HELLO).status_code == 200


def test_a_taken_port_keeps_the_server_from_starting(server):
    taken = server.http.removeprefix("http://")
    code, said = start("--http", taken)
    assert code == 1
    assert f"http: cannot listen on {taken}" in said
    assert len(said.splitlines()) == 1


def test_without_the_extra_the_server_runs_and_says_what_is_missing(weights, tmp_path):
    hidden = ("fastapi", "pydantic", "multipart", "starlette", "uvicorn")
    script = tmp_path / "bare.py"
    script.write_text(
        "import runpy, sys\n"
        f"sys.modules.update(dict.fromkeys({hidden!r}))\n"
        "runpy.run_module('edgeocr.server', run_name='__main__', alter_sys=True)\n"
    )
    launcher = [sys.executable, str(script), "--listen", "127.0.0.1:0", "--metrics", "off"]
    refused = subprocess.run([*launcher, *HTTP], capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 1
    assert "is not installed; `pip install 'edgeocr[web]'` installs it" in refused.stderr
    running = subprocess.Popen(launcher, stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    with running.stderr:
        assert any("serving on" in row for row in running.stderr)
        running.terminate()
        assert running.wait(30) == 0


def test_a_server_without_the_page_loads_nothing_of_it(weights):
    with ServerProcess() as server:
        mapped = Path(f"/proc/{server.process.pid}/maps").read_text()
        assert "pydantic_core" not in mapped
        assert server.http == ""
    with ServerProcess(*HTTP) as server:
        assert "pydantic_core" in Path(f"/proc/{server.process.pid}/maps").read_text()


def test_no_connection_and_no_thread_stays(server):
    def entries(folder):
        return len(list(Path(f"/proc/{server.process.pid}/{folder}").iterdir()))

    def every_end():
        read(server, HELLO)
        read(server, b"no image")
        read(server, HELLO, query="?stream=1")
        read(server, DENSE, query="?timeout=0.01")
        with connect(server) as connection:
            connection.sendall(head(1000) + bytes(10))
        with httpx.stream("POST", f"{server.http}/api/ocr?stream=1", files=files(DENSE), timeout=60) as answer:
            next(answer.iter_lines())

    every_end()
    eventually(lambda: at_rest(server))
    threads, open_files = entries("task"), entries("fd")
    for _ in range(5):
        every_end()
    eventually(lambda: at_rest(server))
    eventually(lambda: entries("fd") <= open_files)
    assert entries("task") <= threads


def test_a_damaged_form_is_answered_and_not_logged(weights):
    with ServerProcess(*HTTP) as server:
        kind = {"Content-Type": "multipart/form-data; boundary=B"}
        for body, detail in (
            (b"no form", "body: the form ended before its last boundary"),
            (b"--B\r\nBad\x01Header: x\r\n\r\n", "body: is not multipart/form-data"),
        ):
            answer = httpx.post(f"{server.http}/api/ocr", content=body, headers=kind)
            assert (answer.status_code, answer.json()["detail"]) == (400, detail)
    assert not any(" INFO " not in row for row in server.log), "".join(server.log)
