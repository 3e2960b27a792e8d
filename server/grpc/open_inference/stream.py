"""One ModelStreamInfer call, whose answers are in the order of requests.

Each image takes a place in the window before further requests are read, and frees it when its request is answered. So
if a client does not read its answers, the server stops reading its requests.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import closing
from typing import TypeAlias

from edgeocr.model.errors import EdgeOcrError
from edgeocr.proto.inference import open_inference_pb2
from edgeocr.server.grpc.call import Call
from edgeocr.server.grpc.open_inference.model import ServedModel
from edgeocr.server.inference.question import Question
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.scheduling.session import Session
from edgeocr.server.tracing.tracer import CallTrace

METHOD = "ModelStreamInfer"
_Response: TypeAlias = open_inference_pb2.ModelStreamInferResponse
_Answer: TypeAlias = tuple[int, "asyncio.Task[_Response]", Session]


class InferenceStream:
    """The state of one call."""

    def __init__(
        self,
        model: ServedModel,
        lifecycle: Lifecycle,
        trace: CallTrace,
        call: Call,
        stream: str,
        deadline: float | None,
    ) -> None:
        self._model = model
        self._lifecycle = lifecycle
        self._trace = trace
        self._call = call
        self._stream = stream
        self._deadline = deadline
        call.is_busy = lambda: bool(self._running) or bool(self._answers.qsize())
        self._window = asyncio.Semaphore(model.most_images)
        self._answers: asyncio.Queue[_Answer | None] = asyncio.Queue()
        self._running: set[asyncio.Task[_Response]] = set()

    async def answers(self, requests: AsyncIterator[open_inference_pb2.ModelInferRequest]) -> AsyncIterator[_Response]:
        """Yields an answer to every request.

        Raises:
            InvalidInput: a message is malformed.
            Draining: the server accepts no further requests.
        """
        try:
            async with self._lifecycle.receiving(self._receive(requests)) as received:
                while (waiting := await self._answers.get()) is not None:
                    images, task, session = waiting
                    with closing(session):
                        yield await task
                    for _ in range(images):
                        self._window.release()
                await received()
        finally:
            for task in self._running:
                task.cancel()
            while not self._answers.empty():
                if (unsent := self._answers.get_nowait()) is not None:
                    unsent[2].close()

    async def _receive(self, requests: AsyncIterator[open_inference_pb2.ModelInferRequest]) -> None:
        try:
            while True:
                await self._window.acquire()
                try:
                    # No local name keeps a message while the next is awaited.
                    await self._begin(await anext(requests))
                except StopAsyncIteration:
                    break
        finally:
            self._answers.put_nowait(None)

    async def _begin(self, request: open_inference_pb2.ModelInferRequest) -> None:
        """Starts a request when there are places for all of its images."""
        asked, request_id = self._model.question(request), request.id
        del request
        images = 1
        if not isinstance(asked, EdgeOcrError):
            images = len(asked.images)
            with self._model.holding(asked, self._call.caller):
                for _ in range(images - 1):
                    await self._window.acquire()
        session = self._model.session(METHOD, self._trace, self._call, self._stream)
        task = asyncio.create_task(self._answer(session, asked, request_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        self._answers.put_nowait((images, task, session))

    async def _answer(self, session: Session, asked: Question | EdgeOcrError, request_id: str) -> _Response:
        remaining = None if self._deadline is None else self._deadline - time.monotonic()
        try:
            return _Response(infer_response=await self._model.answer(session, asked, request_id, remaining))
        except EdgeOcrError as error:
            failed = open_inference_pb2.ModelInferResponse(id=request_id)
            return _Response(error_message=f"{error.code}: {error}", infer_response=failed)
