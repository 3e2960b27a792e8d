"""The REST call before real workers, without a network."""

import base64
import json

import pytest

from edgeocr.server.memory.reservation import Use
from tests.server.http.calls import HELLO, PAGE, PDF, files, squeezed
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import columns, encoded, line, table


async def test_one_image_of_a_form_is_answered_with_its_lines(client):
    answer = await client.post("/api/ocr", files=files(PAGE))
    assert answer.status_code == 200
    found = answer.json()
    assert squeezed(found["text"]) == ["firstline", "第二行"]
    (result,) = found["results"]
    assert (result["name"], result["text"]) == ("0.png", found["text"])
    (read,) = result["pages"]
    assert (read["index"], read["width"], read["height"]) == (0, 400, 200)
    for one in read["lines"]:
        assert 0.5 < one["confidence"] <= 1
        assert all(0 <= x <= 400 and 0 <= y <= 200 for x, y in one["polygon"])
        assert "characters" not in one
    timings = result["timings"]
    assert timings["total_seconds"] >= timings["decode_seconds"] > 0


async def test_ruled_tables_are_reported_unless_they_are_omitted(client):
    texts = {(0, 0): "name", (0, 1): "sum", (1, 0): "tea", (1, 1): "12", (2, 0): "bread", (2, 1): "34"}
    data = encoded(table((60, 300, 500), (60, 120, 180, 240), texts))
    (read,) = (await client.post("/api/ocr", files=files(data))).json()["results"][0]["pages"]
    (found,) = read["tables"]
    assert (found["rows"], found["columns"], len(found["polygon"])) == (3, 2, 4)
    cells = {(cell["row"], cell["column"]): cell for cell in found["cells"]}
    assert {place: cell["text"] for place, cell in cells.items()} == texts
    assert [read["lines"][place]["text"] for place in cells[2, 0]["lines"]] == ["bread"]
    (read,) = (await client.post("/api/ocr?omit=tables", files=files(data))).json()["results"][0]["pages"]
    assert "tables" not in read


async def test_lines_that_run_downwards_say_so(client):
    data = encoded(columns([("春眠不觉晓", (300, 40)), ("处处闻啼鸟", (200, 40))], 400, 300, size=36))
    (read,) = (await client.post("/api/ocr", files=files(data))).json()["results"][0]["pages"]
    assert [(one["text"], one["direction"]) for one in read["lines"]] == [
        ("春眠不觉晓", "vertical"),
        ("处处闻啼鸟", "vertical"),
    ]


async def test_base64_alone_in_a_list_and_as_a_data_url(client):
    text = base64.b64encode(HELLO).decode()
    lines = "\n".join(text[place : place + 76] for place in range(0, len(text), 76))
    for image in (text, lines, [text], f"data:image/png;base64,{text}"):
        answer = await client.post("/api/ocr", json={"image": image, "mode": "line"})
        assert squeezed(answer.json()["text"]) == ["hellothere"]
    answer = await client.post("/api/ocr", json={"image": [text, text], "mode": "line"})
    assert squeezed(answer.json()["text"]) == ["hellothere"] * 2


async def test_a_raw_body(client):
    answer = await client.post("/api/ocr?mode=line", content=HELLO, headers={"Content-Type": "image/png"})
    assert squeezed(answer.json()["text"]) == ["hellothere"]


async def test_a_batch_is_longer_than_its_window_and_keeps_its_order(client):
    images = [encoded(line(f"number {place}")) for place in range(10)]
    answer = await client.post("/api/ocr?mode=line", files=files(*images))
    assert squeezed(answer.json()["text"]) == [f"number{place}" for place in range(10)]
    assert [result["name"] for result in answer.json()["results"]] == [f"{place}.png" for place in range(10)]


async def test_what_cannot_be_read_of_a_batch_has_its_error_and_harms_no_other(client):
    answer = await client.post("/api/ocr?mode=line", files=files(HELLO, b"no image", HELLO))
    assert answer.status_code == 200
    first, second, third = answer.json()["results"]
    assert first["text"] == third["text"] == answer.json()["text"][:1]
    assert second["error"]["status"] == 415
    assert second["error"]["code"] == "INVALID_ARGUMENT"
    assert "pages" not in second


async def test_a_batch_of_which_nothing_could_be_read_has_the_status_of_its_first(client):
    answer = await client.post("/api/ocr", files=files(b"no image", b""))
    assert answer.status_code == 415
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [result["error"]["status"] for result in answer.json()["results"]] == [415, 400]


async def test_pages_of_a_document_that_were_asked_for(client):
    answer = await client.post("/api/ocr", data={"pages": "2", "dpi": "100"}, files=files(PDF))
    (read,) = answer.json()["results"][0]["pages"]
    assert (read["index"], [one["text"] for one in read["lines"]]) == (1, ["two"])
    assert read["width"] == pytest.approx(400 / 72 * 100, abs=1)
    answer = await client.post("/api/ocr", data={"text_layer": "use"}, files=files(PDF))
    assert answer.json()["text"] == ["one", "two"]
    assert [read["embedded"] for read in answer.json()["results"][0]["pages"]] == [True] * 2


async def test_characters_if_they_are_asked_for(client):
    answer = await client.post("/api/ocr", data={"mode": "line", "characters": "1"}, files=files(HELLO))
    (read,) = answer.json()["results"][0]["pages"][0]["lines"]
    assert "".join(one["text"] for one in read["characters"]) == read["text"]


async def test_lines_tell_which_recogniser_gave_them_and_a_caller_chooses(client):
    answer = await client.post("/api/ocr?reading=accurate", data={"mode": "line"}, files=files(HELLO))
    (read,) = answer.json()["results"][0]["pages"][0]["lines"]
    assert read["reader"] == "accurate"
    answer = await client.post("/api/ocr?reading=slow", files=files(HELLO))
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("reading: ")


async def test_an_encrypted_file_needs_its_password(client):
    locked = pdf([PdfPageSpec([("secret", 40, 100)])], "the password")
    answer = await client.post("/api/ocr", files=files(locked))
    assert (answer.status_code, answer.json()["code"]) == (422, "FAILED_PRECONDITION")
    answer = await client.post("/api/ocr", data={"password": "wrong"}, files=files(locked))
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")
    answer = await client.post("/api/ocr", data={"password": "the password"}, files=files(locked))
    assert answer.json()["text"] == ["secret"]
    answer = await client.post("/api/ocr?password=x", files=files(locked))
    assert answer.status_code == 400


async def test_nothing_is_held_once_a_request_is_answered(client, serving):
    for images in ([HELLO] * 6, [HELLO, b"no image"], [PDF]):
        await client.post("/api/ocr", files=files(*images))
    assert serving.budget.used_bytes() == dict.fromkeys(Use, 0)
    assert serving.queue.length() == 0


async def test_probes_and_metrics(client, serving):
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    serving.lifecycle.ready = False
    assert (await client.get("/readyz")).status_code == 503
    assert (await client.get("/healthz")).status_code == 200
    answer = await client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "edgeocr_streams 0.0" in answer.text


async def test_the_description_is_whole_and_its_examples_run(client):
    described = (await client.get("/api/openapi.json")).json()
    assert described["info"]["version"] == "1.2.3"
    assert set(described["paths"]) == {"/api/ocr", "/healthz", "/readyz", "/metrics"}
    body = described["paths"]["/api/ocr"]["post"]["requestBody"]["content"]
    for example in body["application/json"]["examples"].values():
        answer = await client.post("/api/ocr", json=example["value"])
        assert answer.status_code == 200
        assert answer.json()["text"] == []
    text = json.dumps(described)
    references = {part.partition('"')[0] for part in text.split('"$ref": "#/components/schemas/')[1:]}
    assert references <= set(described.get("components", {}).get("schemas", {}))


@pytest.mark.parametrize("value", [b'"k%d": 1', b'"k%d": []', b'"k%d": {}'])
async def test_a_json_body_of_many_small_values_is_refused_before_it_is_parsed(client, value):
    body = b'{"image": "", %s}' % b",".join(value % number for number in range(5000))
    answer = await client.post("/api/ocr", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["detail"] == "body: may have 8192 commas, colons and brackets"
