"""The one model of the Open Inference Protocol: what it is called, and how its requests are read."""

import time
from collections.abc import Sequence
from dataclasses import replace

from edgeocr.model.errors import EdgeOcrError
from edgeocr.server.access_log.record import CallRecord
from edgeocr.server.errors import UnknownModel
from edgeocr.server.inference.statistics import Statistics
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.events import Finished
from edgeocr.server.scheduling.sender import Sender
from edgeocr.server.scheduling.session import Session
from edgeocr.server.tracing.tracer import CallTrace

NAME = "edgeocr"
ALIAS = "1"
"""What clients of Triton call the version of a model that has only one."""
EXTENSIONS = ("model_configuration", "statistics", "parameters")
"""Of Triton's, by its names for them, in every transport."""


class InferenceModel:
    """Reads what transports ask in the words of the protocol; one for all of them.

    Attributes:
        version: that of the server.
        admission: admits its images.
        most_images: how many a request may have.
        statistics: of requests of all transports.
    """

    def __init__(self, version: str, admission: Admission, metrics: Metrics, most_images: int) -> None:
        self.version = version
        self.most_images = most_images
        self.statistics = Statistics()
        self.admission = admission
        self._metrics = metrics

    def check(self, name: str, version: str) -> None:
        """Raises UnknownModel if this is not it."""
        if name != NAME:
            raise UnknownModel(f"model: {name[:64]!r} is unknown, known is {NAME}")
        if version not in ("", ALIAS, self.version):
            raise UnknownModel(f"model: {NAME} has no version {version[:64]!r}, but {self.version}")

    def session(self, method: str, trace: CallTrace, caller: str, record: CallRecord, stream: str = "") -> Session:
        """For the images of one request; it is to be closed once the answer is sent."""
        sender = Sender(caller, record=record)
        if stream:
            sender = replace(sender, stream=stream)
        return Session(
            self.admission, self._metrics, trace, method=method, sender=sender, window_images=self.most_images
        )

    async def results(self, session: Session, begun: float) -> Sequence[Finished]:
        """What was read out of each image of a request that began then; no more of them come.

        Raises:
            EdgeOcrError: one could not be read.
        """
        try:
            results = await session.results()
        except EdgeOcrError:
            self.statistics.failed(time.monotonic() - begun)
            raise
        self.statistics.answered(time.monotonic() - begun, results)
        return results
