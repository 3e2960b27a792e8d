"""The one model of the Open Inference Protocol: what it is called, and how it answers."""

import time
from collections.abc import Sequence
from dataclasses import replace

from edgeocr.model.errors import EdgeOcrError
from edgeocr.proto.inference import open_inference_pb2
from edgeocr.server.errors import UnknownModel
from edgeocr.server.grpc.call import Call
from edgeocr.server.grpc.open_inference import tensors
from edgeocr.server.grpc.open_inference.statistics import Statistics
from edgeocr.server.memory.reservation import Reservation, Use
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.events import Finished
from edgeocr.server.scheduling.job_options import JobOptions
from edgeocr.server.scheduling.sender import Sender
from edgeocr.server.scheduling.session import Session
from edgeocr.server.tracing.tracer import CallTrace

NAME = "edgeocr"
_ALIAS = "1"
"""What clients of Triton call the version of a model that has only one."""


class ServedModel:
    """Answers requests of the protocol by reading their images."""

    def __init__(self, version: str, admission: Admission, metrics: Metrics, most_images: int) -> None:
        self.version = version
        self.most_images = most_images
        self._admission = admission
        self._metrics = metrics
        self._statistics = Statistics()

    def check(self, name: str, version: str) -> None:
        """Raises UnknownModel if this is not it."""
        if name != NAME:
            raise UnknownModel(f"model: {name[:64]!r} is unknown, known is {NAME}")
        if version not in ("", _ALIAS, self.version):
            raise UnknownModel(f"model: {NAME} has no version {version[:64]!r}, but {self.version}")

    def metadata(self) -> open_inference_pb2.ModelMetadataResponse:
        """Its description."""
        return tensors.metadata(NAME, self.version)

    def config(self) -> open_inference_pb2.ModelConfigResponse:
        """The same as Triton's configuration."""
        return open_inference_pb2.ModelConfigResponse(config=tensors.config(NAME))

    def statistics(self) -> open_inference_pb2.ModelStatisticsResponse:
        """What was read over this protocol."""
        return open_inference_pb2.ModelStatisticsResponse(model_stats=[self._statistics.message(NAME, self.version)])

    def question(self, request: open_inference_pb2.ModelInferRequest) -> tensors.Question | EdgeOcrError:
        """What a request asks for, or what is wrong with it."""
        try:
            self.check(request.model_name, request.model_version)
            return tensors.question(request, self.most_images)
        except EdgeOcrError as error:
            return error.bare()

    def holding(self, asked: tensors.Question, caller: str) -> Reservation:
        """Holds the images of a question that is not yet to be answered."""
        return self._admission.budget.hold(Use.WAITING, sum(len(image.data) for image in asked.images), caller)

    def session(self, method: str, trace: CallTrace, call: Call, stream: str = "") -> Session:
        """For the images of one request; it is to be closed once the answer is sent."""
        sender = Sender(call.caller, record=call.record)
        if stream:
            sender = replace(sender, stream=stream)
        return Session(self._admission, self._metrics, trace, method=method, sender=sender)

    async def answer(
        self,
        session: Session,
        asked: tensors.Question | EdgeOcrError,
        request_id: str,
        remaining_seconds: float | None,
    ) -> open_inference_pb2.ModelInferResponse:
        """Reads what is asked for; `remaining_seconds` is what the call has left.

        Raises:
            EdgeOcrError: nothing that can be read is asked for, or an image could not be read.
        """
        begun = time.monotonic()
        try:
            results = await self._results(session, asked, remaining_seconds)
        except EdgeOcrError:
            self._statistics.failed(time.monotonic() - begun)
            raise
        assert isinstance(asked, tensors.Question), "all else has raised"
        self._statistics.answered(time.monotonic() - begun, results)
        response = tensors.answer(results, asked)
        response.model_name, response.model_version, response.id = NAME, self.version, request_id
        return response

    async def _results(
        self, session: Session, asked: tensors.Question | EdgeOcrError, remaining_seconds: float | None
    ) -> Sequence[Finished]:
        if isinstance(asked, EdgeOcrError):
            session.refuse(session.enter(), asked)
            await session.results()
            raise asked
        limits = (asked.timeout_seconds, remaining_seconds)
        timeout_seconds = min((limit for limit in limits if limit is not None), default=None)
        options = JobOptions(mode=asked.mode, sends_lines=False)
        for entry in [session.enter() for _ in asked.images]:
            with session.refusing(entry):
                # Each image is its job's alone.
                session.admit(entry, asked.images.pop(0), options, timeout_seconds)
            if entry.job is None:
                break
        asked.images.clear()
        return await session.results()
