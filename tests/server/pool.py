"""An admission before a pool, without a transport, for tests."""

import math
import queue as thread_queue

from edgeocr.model.files.image import EncodedImage
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from edgeocr.model.results import LineRead, PageRead
from edgeocr.server.decoder.pool import DecoderPool
from edgeocr.server.memory.budget import Budget
from edgeocr.server.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.job import Finished
from edgeocr.server.scheduling.queue import JobQueue
from edgeocr.server.scheduling.workers import WorkerPool

DENSE = [(f"Line {number} of the page", (40 + 20 * (number % 3), 40 * number)) for number in range(14)]


class Serving:
    """An admission before a pool, without a transport."""

    def __init__(
        self,
        models,
        workers=1,
        queue_images=8,
        budget_bytes=1_000_000_000,
        limits=None,
        queue_seconds=math.inf,
        upload_seconds=300,
        decode_seconds=30.0,
    ):
        self.metrics, self.budget = Metrics(), Budget(budget_bytes)
        self.queue = JobQueue(queue_images, self.budget, queue_seconds)
        self.admission = Admission(
            self.queue, self.budget, limits or Limits(), models.manifest, self.metrics, upload_seconds
        )
        self.decoders = DecoderPool(workers, 1 << 30, decode_seconds, self.metrics.decoder_restarted)
        self.pool = WorkerPool(workers, models, self.queue, self.budget, self.metrics, self.decoders)
        self.events = thread_queue.SimpleQueue()

    def take(self, *events):
        """Keeps what a job delivers."""
        for event in events:
            self.events.put(event)

    def admit(self, data, mode=Mode.LINE, timeout_seconds=None, caller="client", **options):
        return self.admission.admit(caller, EncodedImage(data), mode, self.take, timeout_seconds, **options)

    def finished(self):
        while not isinstance(event := self.events.get(timeout=30), Finished):
            assert isinstance(event, LineRead | PageRead)
        return event

    def sample(self, name, **labels):
        return self.metrics.registry.get_sample_value(name, labels)
