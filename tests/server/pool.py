"""An admission before a pool, without a transport, for tests."""

import math
import queue as thread_queue
import time

from edgeocr.model.files.image import EncodedImage
from edgeocr.model.limits import Limits
from edgeocr.model.memory_plan import Plan
from edgeocr.model.options import Mode
from edgeocr.model.results import LineRead, PageRead
from edgeocr.server.decoder.pool import DecoderPool
from edgeocr.server.inference.model import InferenceModel
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.events import Finished
from edgeocr.server.scheduling.job import Job
from edgeocr.server.scheduling.job_options import JobOptions
from edgeocr.server.scheduling.queue import JobQueue
from edgeocr.server.scheduling.sender import Sender
from edgeocr.server.scheduling.workers import WorkerPool

DENSE = [(f"Line {number} of the page", (40 + 20 * (number % 3), 40 * number)) for number in range(14)]


def make_job(budget, **values):
    """A job that holds nothing yet."""
    defaults = {
        "caller": "client",
        "stream": "",
        "source": None,
        "options": JobOptions(),
        "size_bytes": 0,
        "pixels": 0,
        "plan": Plan(1, 0, 0, 0),
        "waiting": budget.hold(Use.WAITING, 0),
        "running": budget.hold(Use.RUNNING, 0),
        "answer": budget.hold(Use.ANSWERING, 0),
        "deliver": lambda *events: None,
        "deadline": None,
        "received": 0.0,
    }
    return Job(**defaults | values)


def waiting_job(data=b"1234", deadline=None, caller="client", budget=None, takes=0, stream=""):
    """A job that came just now."""
    return make_job(
        budget or Budget(1_000_000),
        caller=caller,
        stream=stream,
        source=EncodedImage(data),
        size_bytes=len(data),
        pixels=1,
        plan=Plan(1, takes, takes, takes),
        deadline=deadline,
        received=time.monotonic(),
    )


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
        **readers,
    ):
        self.metrics, self.budget = Metrics(), Budget(budget_bytes)
        self.queue = JobQueue(queue_images, self.budget, queue_seconds)
        self.admission = Admission(
            self.queue, self.budget, limits or Limits(), models.manifest, self.metrics, upload_seconds
        )
        self.inference = InferenceModel("1.2.3", self.admission, self.metrics, 4)
        self.decoders = DecoderPool(workers, 1 << 30, decode_seconds, self.metrics.decoder_restarted)
        self.pool = WorkerPool(workers, models, self.queue, self.budget, self.metrics, self.decoders, **readers)
        self.events = thread_queue.SimpleQueue()
        self.jobs = []

    def take(self, *events):
        """Keeps what a job delivers."""
        for event in events:
            self.events.put(event)

    def admit(self, data, mode=Mode.LINE, timeout_seconds=None, caller="client", **options):
        wanted = JobOptions(mode=mode, **options)
        job = self.admission.admit(Sender(caller), EncodedImage(data), wanted, self.take, timeout_seconds)
        self.jobs.append(job)
        return job

    def finished(self):
        while not isinstance(event := self.events.get(timeout=30), Finished):
            assert isinstance(event, LineRead | PageRead)
        # Whoever takes the answer sends it at once.
        while self.jobs:
            self.jobs.pop().answer.release()
        return event

    def sample(self, name, **labels):
        return self.metrics.registry.get_sample_value(name, labels)
