"""Answers of the Open Inference Protocol, as messages."""

import time
from collections.abc import Sequence

from edgeocr.model.errors import EdgeOcrError
from edgeocr.proto.inference import open_inference_pb2
from edgeocr.server.grpc.call import Call
from edgeocr.server.grpc.open_inference import tensors
from edgeocr.server.inference.model import NAME, InferenceModel
from edgeocr.server.inference.question import Question
from edgeocr.server.memory.reservation import Reservation, Use
from edgeocr.server.scheduling.events import Finished
from edgeocr.server.scheduling.job_options import JobOptions
from edgeocr.server.scheduling.session import Session
from edgeocr.server.tracing.tracer import CallTrace


class ServedModel:
    """Answers the protocol's requests by reading their images."""

    def __init__(self, model: InferenceModel) -> None:
        self._model = model
        self.most_images = model.most_images

    def question(self, request: open_inference_pb2.ModelInferRequest) -> Question | EdgeOcrError:
        """Parses a request; returns its question or its error."""
        try:
            self._model.check(request.model_name, request.model_version)
            return tensors.question(request, self.most_images)
        except EdgeOcrError as error:
            return error.bare()

    def holding(self, asked: Question, caller: str) -> Reservation:
        """Accounts for the images of a question until it is answered."""
        return self._model.admission.budget.hold(Use.WAITING, sum(len(image.data) for image in asked.images), caller)

    def session(self, method: str, trace: CallTrace, call: Call, stream: str = "") -> Session:
        """A session for the images of one request; to be closed when the answer is sent."""
        return self._model.session(method, trace, call.caller, call.record, stream)

    async def answer(
        self,
        session: Session,
        asked: Question | EdgeOcrError,
        request_id: str,
        remaining_seconds: float | None,
    ) -> open_inference_pb2.ModelInferResponse:
        """Answers a question; `remaining_seconds` is the time left of the call.

        Raises:
            EdgeOcrError: the question is invalid, or an image could not be read.
        """
        results = await self._results(session, asked, remaining_seconds)
        assert isinstance(asked, Question), "all else has raised"
        response = tensors.answer(results, asked)
        response.model_name, response.model_version, response.id = NAME, self._model.version, request_id
        return response

    async def _results(
        self, session: Session, asked: Question | EdgeOcrError, remaining_seconds: float | None
    ) -> Sequence[Finished]:
        begun = time.monotonic()
        if isinstance(asked, EdgeOcrError):
            session.refuse(session.enter(), asked)
            return await self._model.results(session, begun)
        limits = (asked.choices.timeout_seconds, remaining_seconds)
        timeout_seconds = min((limit for limit in limits if limit is not None), default=None)
        options = JobOptions(mode=asked.choices.mode, reading=asked.choices.reading, sends_lines=False)
        for entry in [session.enter() for _ in asked.images]:
            with session.refusing(entry):
                # Each image is referenced by its job only.
                session.admit(entry, asked.images.pop(0), options, timeout_seconds)
            if entry.job is None:
                break
        asked.images.clear()
        return await self._model.results(session, begun)
