"""One ModelStreamInfer call: requests come in while answers go out, in the order of the requests.

Each image takes a place in the window before its request is read further, and gives it back once the request was
answered: a client that does not read its answers stops being read itself.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import TypeAlias

from edgeocr.model.errors import EdgeOcrError
from edgeocr.proto.inference import open_inference_pb2
from edgeocr.server.errors import Draining
from edgeocr.server.grpc.call import Call
from edgeocr.server.grpc.open_inference.model import ServedModel
from edgeocr.server.grpc.open_inference.tensors import Question
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.tracing.tracer import CallTrace

METHOD = "ModelStreamInfer"
_Response: TypeAlias = open_inference_pb2.ModelStreamInferResponse
_Answer: TypeAlias = tuple[int, "asyncio.Task[_Response]", ExitStack]


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
        self._caller = call.caller
        self._stream = stream
        self._deadline = deadline
        call.is_busy = lambda: bool(self._running) or bool(self._answers.qsize())
        self._window = asyncio.Semaphore(model.most_images)
        self._answers: asyncio.Queue[_Answer | None] = asyncio.Queue()
        self._running: set[asyncio.Task[_Response]] = set()

    async def answers(self, requests: AsyncIterator[open_inference_pb2.ModelInferRequest]) -> AsyncIterator[_Response]:
        """Yields the answer to every request.

        Raises:
            InvalidInput: a message is none.
            Draining: the server takes no further request.
        """
        receiving = asyncio.create_task(self._receive(requests))
        try:
            with self._lifecycle.receiving(receiving):
                while (waiting := await self._answers.get()) is not None:
                    images, task, held = waiting
                    with held:
                        yield await task
                    for _ in range(images):
                        self._window.release()
                await asyncio.wait({receiving})
            if receiving.cancelled():
                raise Draining("the server is shutting down; requests without an answer were not read")
            receiving.result()
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
                    # No name holds a message while the next one is waited for.
                    await self._begin(await anext(requests))
                except StopAsyncIteration:
                    break
        finally:
            self._answers.put_nowait(None)

    async def _begin(self, request: open_inference_pb2.ModelInferRequest) -> None:
        """Starts a request, once there is room for all of its images."""
        images = 1
        outcome: Question | EdgeOcrError
        try:
            outcome = self._model.question(request, METHOD)
            images = len(outcome.images)
        except EdgeOcrError as error:
            outcome = error
        request_id = request.id
        del request
        if not isinstance(outcome, EdgeOcrError):
            with self._model.holding(outcome, self._caller):
                for _ in range(images - 1):
                    await self._window.acquire()
        held = ExitStack()
        task = asyncio.create_task(self._answer(outcome, request_id, held))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        self._answers.put_nowait((images, task, held))

    async def _answer(self, outcome: Question | EdgeOcrError, request_id: str, held: ExitStack) -> _Response:
        remaining = None if self._deadline is None else self._deadline - time.monotonic()
        try:
            if isinstance(outcome, EdgeOcrError):
                raise outcome
            answer = self._model.answer(
                outcome, METHOD, request_id, self._trace, self._caller, remaining, held, self._stream
            )
            return _Response(infer_response=await answer)
        except EdgeOcrError as error:
            failed = open_inference_pb2.ModelInferResponse(id=request_id)
            return _Response(error_message=f"{error.code}: {error}", infer_response=failed)
