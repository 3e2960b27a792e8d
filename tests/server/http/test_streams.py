"""Server-sent events, before real workers and without a network."""

import base64

import cv2
import numpy as np

from edgeocr.server.memory.reservation import Use
from tests.server.http.calls import PAGE, PDF, events, files
from tests.support.files.documents import text_page, tiff


async def test_a_stream_has_every_line_then_every_page_then_its_end(client, serving):
    book = tiff([text_page(word) for word in ("alpha", "beta")])
    answer = await client.post("/api/ocr?stream=1", files=files(book, b"no image"))
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    found = events(answer)
    assert {kind for kind, data in found if data["image"] == 1} == {"error"}
    first = [(kind, data) for kind, data in found if data["image"] == 0]
    assert [kind for kind, _ in first] == ["line", "page", "line", "page", "done"]
    assert [data["line"]["text"] for kind, data in first if kind == "line"] == ["alpha", "beta"]
    pages = [data for kind, data in first if kind == "page"]
    assert [data["page"]["lines"][0]["text"] for data in pages] == ["alpha", "beta"]
    assert [data["page_count"] for data in pages] == [2, 2]
    assert first[-1][1]["timings"]["total_seconds"] > 0
    labels = {"method": "HttpRecognizeStream", "code": "OK"}
    assert serving.sample("edgeocr_request_duration_seconds_count", **labels) == 1
    assert serving.sample("edgeocr_stream_first_line_seconds_count") == 1


async def test_a_stream_of_nothing_that_can_be_read_is_a_problem(client):
    answer = await client.post("/api/ocr?stream=1", files=files(b"no image"))
    assert (answer.status_code, answer.json()["status"]) == (415, 415)


async def test_pages_come_with_their_pictures_before_their_lines_if_these_are_asked_for(client, serving):
    answer = await client.post("/api/ocr?stream=1", data={"pictures": "1"}, files=files(PDF, PAGE))
    found = events(answer)
    assert [kind for kind, data in found if data["image"] == 0] == ["picture", "line", "page"] * 2 + ["done"]
    pictures = [data for kind, data in found if kind == "picture"]
    pages = [data["page"] for kind, data in found if kind == "page"]
    assert len(pictures) == len(pages) == 3
    for one in pages:
        (drawn,) = [data for data in pictures if (data["page"], data["width"]) == (one["index"], one["width"])]
        pixels = cv2.imdecode(np.frombuffer(base64.b64decode(drawn["jpeg"]), np.uint8), cv2.IMREAD_GRAYSCALE)
        assert pixels.shape == (one["height"], one["width"]) == (drawn["height"], drawn["width"])
        for read in one["lines"]:
            (left, top), _, (right, bottom), _ = (map(round, corner) for corner in read["polygon"])
            assert pixels[top:bottom, left:right].min() < 100, "there is ink where a line is"
    assert serving.budget.used_bytes() == dict.fromkeys(Use, 0)


async def test_pictures_come_in_streams_only(client):
    for query, status in (("stream=1&pictures=1", 200), ("pictures=1", 400), ("stream=1&pictures=2", 400)):
        answer = await client.post(f"/api/ocr?{query}", files=files(PAGE))
        assert answer.status_code == status
    answer = await client.post("/api/ocr", data={"pictures": "1"}, files=files(PAGE))
    assert answer.json()["detail"] == "pictures: requires stream=1"
    assert "picture" not in {kind for kind, _ in events(await client.post("/api/ocr?stream=1", files=files(PAGE)))}


async def test_pictures_are_as_large_as_they_are_asked_for(client):
    answer = await client.post("/api/ocr?stream=1", data={"pictures": "1", "picture_side": "90"}, files=files(PAGE))
    (drawn,) = [data for kind, data in events(answer) if kind == "picture"]
    pixels = cv2.imdecode(np.frombuffer(base64.b64decode(drawn["jpeg"]), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert max(pixels.shape) == 90 < max(drawn["width"], drawn["height"])
    for side in ("15", "8193", "large"):
        query = f"stream=1&pictures=1&picture_side={side}"
        assert (await client.post(f"/api/ocr?{query}", files=files(PAGE))).status_code == 400


async def test_places_in_the_queue_come_in_streams_only_and_are_asked_for_in_the_query(client):
    for query, status in (("stream=1&places=1", 200), ("places=1", 400)):
        answer = await client.post(f"/api/ocr?{query}", files=files(PAGE))
        assert answer.status_code == status
    answer = await client.post("/api/ocr?stream=1", data={"places": "1"}, files=files(PAGE))
    assert answer.json()["detail"] == "places: must be in the query, as in /api/ocr?places=1"
