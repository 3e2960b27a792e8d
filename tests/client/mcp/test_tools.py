"""The tools, called by the protocol's own client, against a server that answers what a test tells it."""

import grpc
import pytest
from mcp import Client

from edgeocr.client import AsyncClient, OcrError
from edgeocr.client.mcp.root_folder import RootFolder
from edgeocr.client.mcp.tools import Access, make_server
from edgeocr.client.streaming.retry import RetryPolicy
from edgeocr.client.testing import FakeServer
from edgeocr.url import FetchError

pytestmark = pytest.mark.timeout(30)

ANSWERS = {
    b"a receipt": "Milk 31.80\nTotal *31.80*",
    b"a book": "\f".join(f"text {number}" for number in range(1, 6)),
    b"damaged": OcrError(grpc.StatusCode.INVALID_ARGUMENT, "image: the file is damaged"),
    b"empty": "",
}


@pytest.fixture
def root(tmp_path):
    for name, content in {
        "a.png": b"a receipt",
        "deep/b.pdf": b"a book",
        "c.png": b"damaged",
        "d.png": b"empty",
    }.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(content)
    (tmp_path / "secret.png").write_bytes(b"a receipt")
    folder = RootFolder(str(tmp_path / "in"))
    yield folder
    folder.close()


@pytest.fixture
def access(root):
    def fetch(url):
        if "private" in url:
            raise FetchError(f"{url}: has an address that is not of the public internet")
        return b"a receipt"

    with FakeServer(ANSWERS) as server:
        yield Access(root, True, lambda: AsyncClient(server.target), server.target, pages_a_call=5, fetch=fetch)


async def call(access, tool, **arguments):
    async with Client(make_server(access)) as client:
        result = await client.call_tool(tool, arguments)
    return result.is_error, [content.text for content in result.content]


async def test_tools_say_what_they_take(access):
    async with Client(make_server(access)) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"list_files", "read_file", "read_url"}
    assert set(tools["read_file"].input_schema["properties"]) == {"path", "pages", "form", "aligned_tables"}
    assert tools["read_file"].input_schema["required"] == ["path"]


async def test_files_are_listed(access):
    assert await call(access, "list_files") == (False, ["a.png\nc.png\nd.png\ndeep/b.pdf"])
    assert await call(access, "list_files", folder="deep") == (False, ["deep/b.pdf"])


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("text", "Page 1:\n\nMilk 31.80\nTotal *31.80*"),
        ("markdown", "Page 1:\n\nMilk 31.80  \nTotal \\*31.80\\*"),
        ("tables", "Page 1: no tables found"),
    ],
)
async def test_a_page_has_the_form_that_is_asked_for(access, form, text):
    assert await call(access, "read_file", path="a.png", form=form) == (False, [text])
    assert await call(access, "read_url", url="https://example.com/a.png", form=form) == (False, [text])


async def test_a_page_without_text_says_so(access):
    assert await call(access, "read_file", path="d.png") == (False, ["Page 1: no text found"])


async def test_pages_come_one_by_one_and_those_that_are_left_are_reported(access):
    failed, texts = await call(access, "read_file", path="deep/b.pdf")
    assert not failed
    assert texts[:2] == ["Page 1:\n\ntext 1", "Page 2:\n\ntext 2"]
    assert texts[5:] == ["There may be more pages: ask for pages '6-'."]


async def test_progress_is_reported_for_each_page(access):
    reports = []

    async def take(progress, total, message):
        reports.append((progress, total, message))

    async with Client(make_server(access)) as client:
        await client.call_tool("read_file", {"path": "deep/b.pdf"}, progress_callback=take)
    assert sorted(reports) == [(number, 5, f"deep/b.pdf, page {number}") for number in range(1, 6)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": "../secret.png"}, "without '..'"),
        ({"path": "/etc/passwd"}, "below the served folder"),
        ({"path": "missing.png"}, "does not exist"),
        ({"path": "c.png"}, "c.png: image: the file is damaged"),
        ({"path": "a.png", "pages": "0"}, "pages must count from 1 upwards"),
        ({"path": "a.png", "form": "html"}, "form"),
    ],
)
async def test_what_cannot_be_read_is_an_error_that_says_why(access, arguments, message):
    failed, (text,) = await call(access, "read_file", **arguments)
    assert failed
    assert message in text


async def test_a_url_of_a_private_host_is_an_error(access):
    failed, (text,) = await call(access, "read_url", url="http://private/a.png")
    assert failed
    assert "not of the public internet" in text


async def test_urls_are_fetched_from_public_hosts_alone(root):
    access = Access(root, True, lambda: AsyncClient("127.0.0.1:1"), "127.0.0.1:1")
    for url in ("http://127.0.0.1:1/a.png", "http://localhost/", "s3://bucket/key", "file:///etc/passwd"):
        failed, (text,) = await call(access, "read_url", url=url)
        assert failed
        assert "not of the public internet" in text or "must be http://HOST" in text


async def test_a_server_that_does_not_answer_is_named_with_advice(root):
    policy = RetryPolicy(attempts=1)
    access = Access(root, False, lambda: AsyncClient("127.0.0.1:1", retry=policy), "127.0.0.1:1")
    failed, (text,) = await call(access, "read_file", path="a.png")
    assert failed
    assert "the server at 127.0.0.1:1 does not answer" in text
    assert "edgeocr serve" in text


async def test_what_is_not_allowed_is_not_offered(root):
    for access, names in (
        (Access(root, False, lambda: AsyncClient("127.0.0.1:1"), ""), {"list_files", "read_file"}),
        (Access(None, True, lambda: AsyncClient("127.0.0.1:1"), ""), {"read_url"}),
    ):
        async with Client(make_server(access)) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == names
