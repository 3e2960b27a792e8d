"""`edgeocr mcp` as a program of a language model starts it, called by the protocol's own client."""

import sys
from pathlib import Path

from mcp import Client, StdioServerParameters, stdio_client

from tests.support.files.pdfs import PdfPageSpec, pdf

SAMPLES = Path(__file__).parents[3] / "docs" / "samples"


def program(*arguments):
    return stdio_client(StdioServerParameters(command=sys.executable, args=["-m", "edgeocr", "mcp", *arguments]))


async def call(client, tool, **arguments):
    result = await client.call_tool(tool, arguments)
    return result.is_error, [content.text for content in result.content]


async def test_files_are_read_by_a_private_server_and_nothing_else_of_the_disk(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "receipt.png").write_bytes((SAMPLES / "receipt.png").read_bytes())
    pages = [PdfPageSpec(texts=((f"Page number {number}", 40, 60),)) for number in range(1, 4)]
    (root / "book.pdf").write_bytes(pdf(pages))
    (tmp_path / "secret.png").write_bytes((SAMPLES / "receipt.png").read_bytes())
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    async with Client(program("--local", "--root", str(root), "--pages-per-call", "2")) as client:
        assert await call(client, "list_files") == (False, ["book.pdf\nreceipt.png"])
        failed, (receipt,) = await call(client, "read_file", path="receipt.png", form="text")
        assert not failed
        assert receipt.startswith("Page 1:\n\n")
        assert "25.90" in receipt
        failed, texts = await call(client, "read_file", path="book.pdf")
        assert not failed
        assert [text.split(":")[0] for text in texts] == ["Page 1", "Page 2", "There may be more pages"]
        assert "Page number 2" in texts[1]
        failed, (last,) = await call(client, "read_file", path="book.pdf", pages="3-")
        assert "Page number 3" in last
        failed, (error,) = await call(client, "read_file", path="book.pdf", pages="4")
        assert failed
        assert "page 4 is asked for, and the document's last page is 3" in error
        for path in ("link.png", "../secret.png", str(tmp_path / "secret.png")):
            failed, (error,) = await call(client, "read_file", path=path)
            assert failed
            assert "25.90" not in error


async def test_a_running_server_reads_too(server, tmp_path):
    (tmp_path / "receipt.png").write_bytes((SAMPLES / "receipt.png").read_bytes())
    async with Client(program("--target", server.target, "--root", str(tmp_path), "--no-urls")) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == {"list_files", "read_file"}
        failed, (text,) = await call(client, "read_file", path="receipt.png")
    assert not failed
    assert "25.90" in text
