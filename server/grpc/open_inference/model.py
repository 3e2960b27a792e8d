"""The one model of the Open Inference Protocol: what it is called, and how it answers."""

from contextlib import ExitStack

from edgeocr.model.errors import Code, EdgeOcrError
from edgeocr.proto.inference import open_inference_pb2
from edgeocr.server.grpc.open_inference import tensors
from edgeocr.server.grpc.unary import read_all
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.memory.reservation import Reservation, Use
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.tracing.tracer import CallTrace

NAME = "edgeocr"


class UnknownModel(EdgeOcrError):
    """There is no such model, or not in that version."""

    code = Code.NOT_FOUND


class ServedModel:
    """Answers requests of the protocol by reading their images."""

    def __init__(self, version: str, admission: Admission, lifecycle: Lifecycle, most_images: int) -> None:
        self.version = version
        self.most_images = most_images
        self._admission = admission
        self._lifecycle = lifecycle

    def check(self, name: str, version: str) -> None:
        """Raises UnknownModel if this is not it."""
        if name != NAME:
            raise UnknownModel(f"model: {name[:64]!r} is unknown, known is {NAME}")
        if version not in ("", self.version):
            raise UnknownModel(f"model: {NAME} has no version {version[:64]!r}, but {self.version}")

    def metadata(self) -> open_inference_pb2.ModelMetadataResponse:
        """Its description."""
        return tensors.metadata(NAME, self.version)

    def question(self, request: open_inference_pb2.ModelInferRequest, method: str) -> tensors.Question:
        """What a request asks for.

        Raises:
            UnknownModel: it asks another model.
            InvalidInput: a field is wrong.
        """
        try:
            self.check(request.model_name, request.model_version)
            return tensors.question(request, self.most_images)
        except EdgeOcrError:
            with self._lifecycle.answering(method):
                raise

    def holding(self, asked: tensors.Question, caller: str) -> Reservation:
        """Holds the images of a question that is not yet to be answered."""
        return self._admission.budget.hold(Use.WAITING, sum(len(image.data) for image in asked.images), caller)

    async def answer(
        self,
        asked: tensors.Question,
        method: str,
        request_id: str,
        trace: CallTrace,
        caller: str,
        remaining_seconds: float | None,
        held: ExitStack,
        stream: str = "",
    ) -> open_inference_pb2.ModelInferResponse:
        """Reads what is asked for.

        `remaining_seconds` is what the call has left; `held` is to be closed once the answer is sent.

        Raises:
            EdgeOcrError: an image could not be read.
        """
        timeout_seconds = min(
            (limit for limit in (asked.timeout_seconds, remaining_seconds) if limit is not None), default=None
        )
        with self._lifecycle.answering(method, len(asked.images)):
            results = await read_all(
                self._admission, trace, caller, asked.images, asked.mode, timeout_seconds, held=held, stream=stream
            )
        response = tensors.answer(results, asked)
        response.model_name, response.model_version, response.id = NAME, self.version, request_id
        return response
