"""The only model of the Open Inference Protocol: its name, and how its requests are read."""

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
"""The version that Triton's clients use for a model with a single version."""
EXTENSIONS = ("model_configuration", "statistics", "parameters")
"""Supported extensions, by Triton's names."""


class InferenceModel:
    """Reads the images of requests; shared by all transports.

    Attributes:
        version: version of the server.
        admission: admits its images.
        most_images: maximum number of images in a request.
        statistics: statistics over all transports.
    """

    def __init__(self, version: str, admission: Admission, metrics: Metrics, most_images: int) -> None:
        self.version = version
        self.most_images = most_images
        self.statistics = Statistics()
        self.admission = admission
        self._metrics = metrics

    def check(self, name: str, version: str) -> None:
        """Raises UnknownModel if name or version differ."""
        if name != NAME:
            raise UnknownModel(f"model: {name[:64]!r} is unknown, the model is {NAME}")
        if version not in ("", ALIAS, self.version):
            raise UnknownModel(f"model: {NAME} has no version {version[:64]!r}, but {self.version}")

    def session(self, method: str, trace: CallTrace, caller: str, record: CallRecord, stream: str = "") -> Session:
        """A session for the images of one request; to be closed when the answer is sent."""
        sender = Sender(caller, record=record)
        if stream:
            sender = replace(sender, stream=stream)
        return Session(
            self.admission, self._metrics, trace, method=method, sender=sender, window_images=self.most_images
        )

    async def results(self, session: Session, begun: float) -> Sequence[Finished]:
        """The results of all images of a request, which has no further images.

        Raises:
            EdgeOcrError: an image could not be read.
        """
        try:
            results = await session.results()
        except EdgeOcrError:
            self.statistics.failed(time.monotonic() - begun)
            raise
        self.statistics.answered(time.monotonic() - begun, results)
        return results
