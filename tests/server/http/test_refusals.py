"""What the REST call refuses, before real workers and without a network."""

import pytest

from edgeocr.model.errors import INTERNAL_TEXT, Limit
from edgeocr.model.limits import Limits
from edgeocr.server.errors import QueueFull
from edgeocr.server.http import routes
from edgeocr.server.memory.reservation import Use
from edgeocr.server.scheduling.admission import Admission
from tests.server.http.calls import HELLO, PAGE, files


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("mode=word", "mode: "),
        ("pages=0", "pages: "),
        ("pages=3-1", "pages: "),
        ("pages=a", "pages: "),
        ("dpi=1", "dpi: "),
        ("omit=all", "omit: "),
        ("timeout=0", "timeout: "),
        ("timeout=nan", "timeout: "),
        ("colour=red", "colour: "),
    ],
)
async def test_a_wrong_choice_is_refused_by_its_name(client, query, words):
    answer = await client.post(f"/api/ocr?{query}", files=files(HELLO))
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(words)


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"x", "text/plain", 415),
        (b"x", "multipart/form-data", 400),
        (b"x", "multipart/form-data; boundary=b", 400),
        (b"--b\r\n\r\n", "multipart/form-data; boundary=b", 400),
        (b"--b--\r\n", "multipart/form-data; boundary=b", 400),
        (b"{", "application/json", 400),
        (b"[" * 5000, "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"image": []}', "application/json", 400),
        (b'{"image": [1]}', "application/json", 400),
        (b'{"image": "%%%"}', "application/json", 400),
        (b'{"image": "\xff"}', "application/json", 400),
        (b'{"image": "aGk=", "stream": true}', "application/json", 400),
        (b'{"image": "aGk=", "characters": "1"}', "application/json", 400),
        (b"", "image/png", 400),
    ],
)
async def test_a_wrong_body_is_refused(client, body, media_type, status, serving):
    answer = await client.post("/api/ocr", content=body, headers={"Content-Type": media_type})
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert serving.budget.used_bytes() == dict.fromkeys(Use, 0)


async def test_a_file_beyond_the_limit_is_refused_before_the_rest_of_it_comes(client, serving):
    serving.admission._limits = Limits(file_bytes=100_000, image_bytes=50_000)
    taken = []

    async def body():
        for _ in range(1000):
            taken.append(1)
            yield bytes(10_000)

    headers = {"Content-Type": "image/png"}
    answer = await client.post("/api/ocr", content=body(), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["limit"] == {"name": "file_bytes", "value": 100_000, "asked": 110_000}
    assert "Retry-After" not in answer.headers
    answer = await client.post("/api/ocr", content=body(), headers={**headers, "Content-Length": "10000000"})
    assert answer.json()["limit"]["asked"] == 10_000_000
    answer = await client.post("/api/ocr", json={"image": "A" * 60_000})
    assert answer.json()["limit"]["name"] == "image_bytes"
    assert serving.budget.used_bytes() == dict.fromkeys(Use, 0)


async def test_on_an_idle_server_the_largest_message_leaves_room_for_the_image_in_it(client, serving, monkeypatch):
    monkeypatch.setattr("edgeocr.server.http.bodies.chunks.ROOM_SECONDS", 0)
    budget = serving.budget
    most_bytes = budget.most_bytes(Use.ARRIVING) // 2
    serving.admission._limits = Limits(file_bytes=budget.most_file_bytes(), image_bytes=most_bytes)
    answer = await client.post("/api/ocr", json={"image": "QUJD" * ((most_bytes - 20) // 4)})
    # It was taken, and is of no format that is read.
    assert (answer.status_code, answer.json()["code"]) == (415, "INVALID_ARGUMENT")
    assert budget.used_bytes() == dict.fromkeys(Use, 0)


async def test_want_of_room_says_when_to_ask_again(client, monkeypatch):
    def refuse(*_, **__):
        raise QueueFull("64 images are waiting, which is the limit (queue_images)", Limit("queue_images", 64, 65), 2.2)

    monkeypatch.setattr(Admission, "admit", refuse)
    answer = await client.post("/api/ocr", files=files(HELLO))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    found = answer.json()
    assert (found["code"], found["reason"], found["retry_seconds"]) == ("RESOURCE_EXHAUSTED", "queue_full", 2.2)
    assert found["limit"] == {"name": "queue_images", "value": 64, "asked": 65}


async def test_time_that_ran_out(client):
    answer = await client.post("/api/ocr?timeout=0.000001", files=files(PAGE))
    assert (answer.status_code, answer.json()["code"]) == (504, "DEADLINE_EXCEEDED")


@pytest.mark.parametrize("part", ["admit", "upload_timeout"])
async def test_a_bug_reveals_its_text_to_nobody(client, monkeypatch, part):
    def fail(*_, **__):
        raise RuntimeError("the password is in here")

    monkeypatch.setattr(Admission, part, fail)
    answer = await client.post("/api/ocr", files=files(HELLO))
    assert (answer.status_code, answer.json()["detail"]) == (500, INTERNAL_TEXT)
    assert "password" not in answer.text


async def test_fields_behind_an_image_and_files_in_other_fields_are_refused(client):
    behind = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\nx\r\n'
    behind += b'--b\r\nContent-Disposition: form-data; name="mode"\r\n\r\nline\r\n--b--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await client.post("/api/ocr", content=behind, headers=headers)
    assert answer.json()["detail"].startswith("mode: fields must come before the images")
    answer = await client.post("/api/ocr", files=[("photo", ("a.png", HELLO, "image/png"))])
    assert answer.json()["detail"] == "photo: files are sent in the field image"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({f"field{place}": "x" for place in range(33)}, "body: a form may have 32 fields besides its images"),
        ({"password": "x" * 4097}, "password: a field may have 4096 bytes"),
    ],
)
async def test_a_form_has_few_fields_and_these_are_short(client, fields, words):
    answer = await client.post("/api/ocr", data=fields, files=files(HELLO))
    assert (answer.status_code, answer.json()["detail"]) == (400, words)


async def test_a_form_that_ends_before_its_last_boundary_is_refused(client):
    cut_off = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + HELLO + b"\r\n--b\r\n"
    answer = await client.post("/api/ocr", content=cut_off, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert (answer.status_code, answer.json()["detail"]) == (400, "body: the form ended before its last boundary")


async def test_a_batch_has_a_limit(client, monkeypatch):
    monkeypatch.setattr(routes, "_MOST_IMAGES", 2)
    answer = await client.post("/api/ocr?mode=line", files=files(HELLO, HELLO, HELLO))
    assert (answer.status_code, answer.json()["limit"]) == (413, {"name": "batch_images", "value": 2, "asked": 3})


async def test_unknown_paths_and_methods_are_problems(client):
    answer = await client.get("/api/nothing")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")
    answer = await client.get("/api/ocr")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
