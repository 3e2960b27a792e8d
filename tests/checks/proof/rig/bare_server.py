"""A server of the same messages with nothing behind gRPC: what it costs is gRPC's, asyncio's and the threads' share.

    python -m tests.checks.proof.rig.bare_server --workers N

An image goes to a thread, which sleeps as the stand-in for the reader does, and is answered with what that finds. There
are no limits, no order, no accounting, no metrics and no log.
"""

import argparse
import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import grpc

from edgeocr.model.options import Mode
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc
from edgeocr.server.grpc.messages.convert import MODES
from edgeocr.server.grpc.messages.result_messages import set_document, set_line
from tests.checks.proof.rig.sleeping_reader import BATCH_LINES, SECONDS, page_of

_MESSAGE_BYTES = 32 << 20


class BareServicer(ocr_pb2_grpc.OcrServiceServicer):
    """Answers images."""

    def __init__(self, workers: int) -> None:
        self._threads = ThreadPoolExecutor(workers)

    def _read(self, image: ocr_pb2.Image, mode: Mode) -> "asyncio.Future[None]":
        return asyncio.get_running_loop().run_in_executor(self._threads, _sleep, image.encoded, mode)

    async def Recognize(self, request, context):
        mode = MODES[request.options.mode]
        await self._read(request.image, mode)
        response = ocr_pb2.RecognizeResponse()
        set_document(response.document, [page_of(mode)])
        return response

    async def RecognizeStream(self, requests, context):
        config = (await context.read()).config
        mode = MODES[config.options.mode]
        read: asyncio.Queue[str | None] = asyncio.Queue()
        receiving = asyncio.create_task(self._receive(context, mode, read))
        while (image_id := await read.get()) is not None:
            if not config.omit_line_events:
                for line in page_of(mode).lines:
                    await context.write(_line_event(image_id, line))
            await context.write(_completion(image_id, mode))
        await receiving

    async def _receive(self, context, mode, read):
        while (request := await context.read()) is not grpc.aio.EOF:
            image_id = request.image.id
            self._read(request.image.image, mode).add_done_callback(lambda _, done=image_id: read.put_nowait(done))
        read.put_nowait(None)


def _sleep(_: bytes, mode: Mode) -> None:
    for _ in range(0, len(page_of(mode).lines), BATCH_LINES):
        time.sleep(SECONDS)


def _line_event(image_id, line):
    response = ocr_pb2.RecognizeStreamResponse()
    response.line.image_id = image_id
    set_line(response.line.line, line)
    return response


def _completion(image_id, mode):
    response = ocr_pb2.RecognizeStreamResponse()
    response.completion.image_id = image_id
    set_document(response.completion.document, [page_of(mode)])
    return response


async def _serve(workers: int) -> None:
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", _MESSAGE_BYTES)])
    ocr_pb2_grpc.add_OcrServiceServicer_to_server(BareServicer(workers), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"serving on 127.0.0.1:{port} without metrics on port 0", file=sys.stderr, flush=True)
    await server.wait_for_termination()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=1, help="threads that sleep")
    # Those of the product's server mean nothing here.
    arguments, _ = parser.parse_known_args()
    asyncio.run(_serve(arguments.workers))


if __name__ == "__main__":
    main()
