"""What every answer tells browsers, and how calls are counted."""

import asyncio

import pytest

from edgeocr.server.scheduling.admission import Admission


@pytest.mark.parametrize("path", ["/", "/page/index.html", "/healthz", "/nowhere"])
async def test_browsers_must_load_and_run_nothing_from_elsewhere(client, path):
    headers = (await client.get(path)).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[kind] for kind in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert policy["img-src"] == "'self' blob:"
    assert policy["frame-ancestors"] == "'none'"
    assert (policy["require-trusted-types-for"], policy["trusted-types"]) == ("'script'", "'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def answers(serving):
    """How many calls were counted, by path and status."""
    (family,) = (family for family in serving.metrics.registry.collect() if family.name == "edgeocr_http_answers")
    samples = (sample for sample in family.samples if sample.name.endswith("_total"))
    return {(sample.labels["path"], sample.labels["status"]): sample.value for sample in samples}


async def test_calls_are_counted_by_path_and_status_and_unknown_paths_together(client, serving):
    for path in ("/", "/healthz", "/healthz", "/api/ocr", "/page/index.html", "/nowhere", "/nowhere/else"):
        await client.get(path)
    await client.post("/api/ocr", content=b"no image", headers={"Content-Type": "image/png"})
    assert answers(serving) == {
        ("/", "200"): 1,
        ("/healthz", "200"): 2,
        ("/api/ocr", "405"): 1,
        ("/api/ocr", "415"): 1,
        ("other", "200"): 1,
        ("other", "404"): 2,
    }


async def test_a_bug_is_counted_by_the_callers_code(client, serving, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("unexpected")

    monkeypatch.setattr(Admission, "admit", fail)
    await client.post("/api/ocr", content=b"x", headers={"Content-Type": "image/png"})
    assert answers(serving) == {("/api/ocr", "500"): 1}


async def test_who_is_gone_before_the_answer_is_counted_apart(application, serving):
    scope = {"type": "http", "method": "POST", "path": "/api/ocr", "raw_path": b"/api/ocr", "query_string": b""}
    scope |= {"headers": [(b"content-type", b"image/png")], "client": ("127.0.0.1", 1), "http_version": "1.1"}
    sent = asyncio.Queue()

    async def gone():
        return {"type": "http.disconnect"}

    await application(scope, gone, sent.put)
    assert answers(serving) == {("/api/ocr", "gone"): 1}
