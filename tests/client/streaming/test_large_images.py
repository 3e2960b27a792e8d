"""Images larger than a message: every client sends them in chunks, and says what a server would need to take them."""

import asyncio

import cv2
import grpc
import numpy as np
import pytest
from google.rpc import error_details_pb2, status_pb2

from edgeocr.client import AsyncClient, OcrError
from edgeocr.client.images import make_image
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(30)]

LIMITS = ocr_pb2.Limits(
    stream_images=2,
    image_bytes=300_000,
    message_bytes=1_400_000,
    file_bytes=5_000_000,
    memory_budget_bytes=300 << 20,
)
LINE = ocr_pb2.Line(
    text="text", confidence=0.9, polygon=[ocr_pb2.Point(x=x, y=y) for x, y in ((0, 0), (9, 0), (9, 9), (0, 9))]
)


class Collecting(ocr_pb2_grpc.OcrServiceServicer):
    """Puts images together, and answers each with one line."""

    def __init__(self):
        self.images, self.messages, self.refusals, self.calls, self.hangs = [], 0, [], 0, False

    async def GetServerInfo(self, request, context):
        return ocr_pb2.GetServerInfoResponse(limits=LIMITS)

    async def Recognize(self, request, context):
        self.calls += 1
        self.images.append(request.image.encoded)
        return ocr_pb2.RecognizeResponse(document=ocr_pb2.Document(pages=[ocr_pb2.Page(lines=[LINE])]))

    async def RecognizeStream(self, requests, context):
        data, name = b"", ""
        async for request in requests:
            if request.HasField("config"):
                continue
            self.messages += 1
            if request.HasField("image"):
                data, name = request.image.image.encoded, request.image.id
                if self.hangs:
                    await asyncio.Event().wait()
                if self.refusals:
                    completion = ocr_pb2.ImageCompletion(image_id=name, error=self.refusals.pop())
                    yield ocr_pb2.RecognizeStreamResponse(completion=completion)
                    return
                if request.image.more:
                    continue
            data += request.chunk.data
            if request.HasField("image") or request.chunk.last:
                self.images.append(data)
                yield ocr_pb2.RecognizeStreamResponse(line=ocr_pb2.LineEvent(image_id=name, line=LINE))
                document = ocr_pb2.Document(pages=[ocr_pb2.Page(lines=[LINE])])
                yield ocr_pb2.RecognizeStreamResponse(
                    completion=ocr_pb2.ImageCompletion(image_id=name, document=document)
                )


@pytest.fixture
async def server(tmp_path):
    servicer = Collecting()
    running = grpc.aio.server()
    ocr_pb2_grpc.add_OcrServiceServicer_to_server(servicer, running)
    servicer.target = f"unix:{tmp_path}/collecting.sock"
    running.add_insecure_port(servicer.target)
    await running.start()
    yield servicer
    await running.stop(None)


FILE = bytes(range(256)) * 10_000


async def test_a_large_file_is_read_in_chunks(server):
    async with AsyncClient(server.target) as client:
        answer = await client.read(FILE)
    assert answer.pages[0].lines[0].text == "text"
    assert server.images == [FILE]
    assert (server.calls, server.messages > 2) == (0, True)


async def test_its_lines_are_read_in_chunks_as_well(server):
    async with AsyncClient(server.target) as client:
        assert [event.line.text async for event in client.read_lines(FILE)] == ["text"]
        (result,) = [result async for result in client.read_many([("a", FILE)])]
    assert result.error is None
    assert server.images == [FILE, FILE]


async def test_a_small_file_is_read_in_one_call(server):
    async with AsyncClient(server.target) as client:
        await client.read(FILE[:290_000])
    assert (server.calls, server.messages, server.images) == (1, 0, [FILE[:290_000]])


@pytest.mark.parametrize("order", ["BGR", "RGB"])
async def test_pixels_that_are_too_many_for_a_message_become_a_file(server, order):
    pixels = np.zeros((700, 600, 3), np.uint8)
    pixels[:, :, 0], pixels[100:200, 50:60, 2] = 7, 200
    async with AsyncClient(server.target) as client:
        await client.read(make_image(pixels, channel_order=order))
    decoded = cv2.imdecode(np.frombuffer(server.images[0], np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(decoded, pixels if order == "BGR" else pixels[:, :, ::-1])


async def test_rows_with_something_behind_them_keep_their_pixels(server):
    raw = ocr_pb2.RawPixels(
        data=bytes([1] * 700 + [9] * 100) * 699 + bytes([1] * 700),
        format=ocr_pb2.PIXEL_FORMAT_GREY8,
        width_pixels=700,
        height_pixels=700,
        stride_bytes=800,
    )
    async with AsyncClient(server.target) as client:
        await client.read(ocr_pb2.Image(raw=raw))
        raw.height_pixels = 701
        with pytest.raises(OcrError, match="fewer pixels than the image's size requires"):
            await client.read(ocr_pb2.Image(raw=raw))
    assert (cv2.imdecode(np.frombuffer(server.images[0], np.uint8), cv2.IMREAD_UNCHANGED) == 1).all()


async def test_a_file_that_is_too_large_is_refused_with_what_it_would_take(server):
    async with AsyncClient(server.target) as client:
        with pytest.raises(OcrError, match=r"at most 5000000 \(limit file_bytes\).*about 310MiB \(--memory-budget\)"):
            await client.read(bytes(6_100_000))
        (result,) = [result async for result in client.read_many([("a", bytes(6_100_000))])]
    assert (result.error.code, result.error.limit) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "file_bytes")
    assert server.messages == server.calls == 0


async def test_where_files_wait_on_disk_the_refusal_names_its_settings(server, monkeypatch):
    limits = ocr_pb2.Limits(spool_bytes=1)
    limits.MergeFrom(LIMITS)
    monkeypatch.setattr(f"{__name__}.LIMITS", limits)
    async with AsyncClient(server.target) as client:
        with pytest.raises(OcrError, match=r"\(limit file_bytes\); .*--file-bytes and --spool-bytes"):
            await client.read(bytes(6_100_000))


async def test_a_large_file_is_sent_again_when_a_full_server_says_so(server, quick_retry):
    full = status_pb2.Status(code=8, message="full")
    full.details.add().Pack(error_details_pb2.RetryInfo(retry_delay={"nanos": 1_000_000}))
    server.refusals = [full] * (quick_retry.attempts + 2)
    async with AsyncClient(server.target, retry=quick_retry) as client:
        await client.read(FILE, timeout_seconds=20)
        assert server.images == [FILE]
        server.refusals = [full] * 99
        with pytest.raises(OcrError, match="full"):
            await client.read(FILE)
    assert len(server.refusals) == 99 - quick_retry.attempts


async def test_a_deadline_ends_the_wait_for_a_large_file(server):
    server.hangs = True
    async with AsyncClient(server.target) as client:
        with pytest.raises(OcrError) as caught:
            await client.read(FILE, timeout_seconds=0.3)
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
