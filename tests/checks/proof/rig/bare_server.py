"""A server of the same messages with nothing behind gRPC: what it costs is gRPC's, asyncio's and the threads' share.

    python -m tests.checks.proof.rig.bare_server --workers N [--reads]

An image goes to a thread, which sleeps as the stand-in for the reader does, or reads it, and is answered with what that
finds. There are no limits, no order, no accounting, no metrics and no log.
"""

import argparse
import asyncio
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc

from edgeocr.model.files.image import EncodedImage
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import Mode
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.results import Page
from edgeocr.model.timing import Trace
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc
from edgeocr.server.grpc.messages.convert import MODES
from edgeocr.server.grpc.messages.result_messages import set_document, set_line
from edgeocr.server.host.heap import tune
from tests.checks.proof.rig.sleeping_reader import BATCH_LINES, SECONDS, page_of

_MESSAGE_BYTES = 32 << 20


class BareServicer(ocr_pb2_grpc.OcrServiceServicer):
    """Answers images with the page that a function makes of each in a thread."""

    def __init__(self, workers: int, find: Callable[[bytes, Mode], Page]) -> None:
        self._threads = ThreadPoolExecutor(workers)
        self._find = find

    def _read(self, image: ocr_pb2.Image, mode: Mode) -> "asyncio.Future[Page]":
        return asyncio.get_running_loop().run_in_executor(self._threads, self._find, image.encoded, mode)

    async def Recognize(self, request, context):
        page = await self._read(request.image, MODES[request.options.mode])
        response = ocr_pb2.RecognizeResponse()
        set_document(response.document, [page])
        return response

    async def RecognizeStream(self, requests, context):
        config = (await context.read()).config
        read: asyncio.Queue[tuple[str, Page] | None] = asyncio.Queue()
        receiving = asyncio.create_task(self._receive(context, MODES[config.options.mode], read))
        while (found := await read.get()) is not None:
            image_id, page = found
            if not config.omit_line_events:
                for line in page.lines:
                    await context.write(_line_event(image_id, line))
            await context.write(_completion(image_id, page))
        await receiving

    async def _receive(self, context, mode, read):
        pending = []
        while (request := await context.read()) is not grpc.aio.EOF:
            image_id = request.image.id
            done = self._read(request.image.image, mode)
            done.add_done_callback(lambda done, image_id=image_id: read.put_nowait((image_id, done.result())))
            pending = [*(one for one in pending if not one.done()), done]
        await asyncio.gather(*pending)
        read.put_nowait(None)


def _sleep(_: bytes, mode: Mode) -> Page:
    page = page_of(mode)
    for _ in range(0, len(page.lines), BATCH_LINES):
        time.sleep(SECONDS)
    return page


def _reading() -> Callable[[bytes, Mode], Page]:
    """Reads with the heap that the server has, and a reader for each thread."""
    tune()
    models, own = Models.load(DEFAULT_FOLDER), threading.local()

    def read(data: bytes, mode: Mode) -> Page:
        if not hasattr(own, "reader"):
            own.reader = Reader(models)
        *_, done = own.reader.read(EncodedImage(data), mode, Trace())
        return done.page

    return read


def _line_event(image_id, line):
    response = ocr_pb2.RecognizeStreamResponse()
    response.line.image_id = image_id
    set_line(response.line.line, line)
    return response


def _completion(image_id, page):
    response = ocr_pb2.RecognizeStreamResponse()
    response.completion.image_id = image_id
    set_document(response.completion.document, [page])
    return response


async def _serve(workers: int, find: Callable[[bytes, Mode], Page]) -> None:
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", _MESSAGE_BYTES)])
    ocr_pb2_grpc.add_OcrServiceServicer_to_server(BareServicer(workers, find), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"serving on 127.0.0.1:{port} without metrics on port 0", file=sys.stderr, flush=True)
    await server.wait_for_termination()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=1, help="threads that sleep or read")
    parser.add_argument("--reads", action="store_true", help="read images instead of sleeping")
    # Those of the product's server mean nothing here.
    arguments, _ = parser.parse_known_args()
    asyncio.run(_serve(arguments.workers, _reading() if arguments.reads else _sleep))


if __name__ == "__main__":
    main()
