"""Admission: the only entrance to the queue, with the same rules for all transports, unary calls and streams."""

import time
from dataclasses import replace

from edgeocr.model.errors import EdgeOcrError
from edgeocr.model.files.document import open_document
from edgeocr.model.files.image import ImageSource, check_bytes, inspect
from edgeocr.model.files.opening.decoder import copied_bytes
from edgeocr.model.files.pdf import PdfDocument
from edgeocr.model.limits import Limits
from edgeocr.model.memory_plan import plan
from edgeocr.model.networks.manifest import Manifest
from edgeocr.server.errors import DeadlineExceeded, Draining, MemoryFull, SpoolFull
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.limits import HEADER_PLAN, check_memory, check_memory_now, least_plan, opening_plan
from edgeocr.server.memory.previews import PagePreviews
from edgeocr.server.memory.reservation import Reservation, Use
from edgeocr.server.memory.spool import Spool
from edgeocr.server.memory.upload import Upload, UploadTimeout, coming
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.document import DocumentReader
from edgeocr.server.scheduling.events import Deliver
from edgeocr.server.scheduling.job import Job
from edgeocr.server.scheduling.job_options import JobOptions
from edgeocr.server.scheduling.queue import JobQueue
from edgeocr.server.scheduling.sender import Sender


class Admission:
    """Inspects an image's header, and queues a job for it or refuses it immediately."""

    def __init__(
        self,
        queue: JobQueue,
        budget: Budget,
        limits: Limits,
        manifest: Manifest,
        metrics: Metrics,
        upload_seconds: float,
        spool: Spool | None = None,
    ) -> None:
        self._queue = queue
        self._budget = budget
        self._limits = limits
        self._manifest = manifest
        self._metrics = metrics
        self._spool = spool
        self.upload_seconds = upload_seconds
        self._draining = False

    def use(self, manifest: Manifest) -> None:
        """Plans later images for other networks."""
        self._manifest = manifest

    def admit(
        self,
        sender: Sender,
        source: ImageSource,
        options: JobOptions,
        deliver: Deliver,
        timeout_seconds: float | None,
        *,
        pictures: PagePreviews | None = None,
        in_chunks: bool = False,
        held: Reservation | None = None,
    ) -> Job:
        """Queues an image.

        Args:
            sender: the caller.
            source: the image.
            options: how to read it.
            deliver: receives its events, in a worker's thread.
            timeout_seconds: time limit from now; None for no limit.
            pictures: draws a preview of each page before it is read; None draws none.
            in_chunks: whether it arrived as an upload, which may be larger.
            held: the reservation of its bytes, which the job takes over.

        Raises:
            EdgeOcrError: the image is refused; nothing is delivered.
        """
        received = time.monotonic()
        size_bytes = len(source.data)
        limits = self._limits
        if in_chunks:
            limits = replace(limits, image_bytes=limits.file_bytes)
        try:
            if self._draining:
                raise Draining("the server is shutting down")
            check_bytes(source, limits)
            # A refusal costs least before the image is inspected.
            self._queue.check(sender.caller)
            if self._budget.has_share(Use.ANSWERING, sender.caller):
                raise self._full(Use.ANSWERING, 1, sender.caller)
            document_reader = self._document_reader(source, options, limits)
            pixels, media_type = 0, "document"
            if document_reader is None:
                header = inspect(source, options.mode, limits)
                copied = copied_bytes(source.data, header)
                made = plan(header, copied, options.mode, self._manifest, self._budget.most_bytes(Use.RUNNING))
                check_memory(made, self._budget)
                check_memory_now(made, self._budget)
                made = least_plan(made, self._budget, header)
                pixels, media_type = header.width * header.height, header.media_type
            job = Job(
                caller=sender.caller,
                stream=sender.stream,
                source=None if document_reader else source,
                options=options,
                size_bytes=size_bytes,
                pixels=pixels,
                plan=document_reader.plan if document_reader else made,
                waiting=held or self._waiting(sender.caller, size_bytes),
                running=self._budget.hold(Use.RUNNING, 0),
                answer=self._budget.hold(Use.ANSWERING, 0, sender.caller),
                deliver=deliver,
                deadline=None if timeout_seconds is None else received + timeout_seconds,
                received=received,
                document_reader=document_reader,
                pictures=pictures,
                media_type=media_type,
            )
            try:
                self._queue.put(job)
            except EdgeOcrError:
                job.drop()
                raise
        except Exception as error:
            if held is not None:
                held.release()
            if isinstance(error, EdgeOcrError) and error.reason:
                self._metrics.rejected(error.reason)
            raise
        if document_reader is None:
            self._metrics.image_pixels(pixels)
        return job

    def _document_reader(self, source: ImageSource, options: JobOptions, limits: Limits) -> DocumentReader | None:
        document = open_document(source, options.document, limits)
        if document is None:
            return None
        opening = opening_plan(self._budget) if isinstance(document, PdfDocument) else HEADER_PLAN
        return DocumentReader(document, options.document, options.mode, limits, opening)

    @property
    def budget(self) -> Budget:
        """The budget of images and answers."""
        return self._budget

    def upload(self, held: Reservation) -> Upload:
        """Begins an upload, which is admitted when it is complete; `held` is the reservation of its bytes."""
        return Upload(held, self._limits.file_bytes, spool=self._spool)

    def message(self, held: Reservation) -> Upload:
        """Reserves memory for a message with images, which exists several times while it is parsed."""
        return Upload(held, self._limits.image_bytes, "image_bytes")

    def coming(self, caller: str, announced_bytes: int = 0, *, in_chunks: bool = False) -> Reservation:
        """Makes the reservation for a caller's incoming files: on disk, if a spool is used and they arrive in chunks or
        are announced as large; see `edgeocr.server.memory.upload.coming`."""
        spool = self._spool
        if spool is not None and not in_chunks and announced_bytes <= spool.from_bytes:
            spool = None
        return coming(self._budget, caller, announced_bytes or self._limits.file_bytes, spool)

    def upload_timeout(self) -> UploadTimeout:
        """The time limits of an upload."""
        return UploadTimeout(self.upload_seconds)

    def pictures(self, caller: str, longest_side: int) -> PagePreviews:
        """The previews of an image's pages for a caller, with the given maximum side."""
        return PagePreviews(self._budget, caller, longest_side)

    def ahead(self, job: Job) -> int | None:
        """The number of older jobs in the queue; None if this job is not waiting to start."""
        return self._queue.ahead(job)

    def cancel(self, job: Job) -> None:
        """Cancels a job: in the queue immediately, in a worker at its next checkpoint."""
        job.cancelled = True
        job.answer.release()
        if self._queue.remove(job):
            job.drop()
            self._metrics.dropped("queue", 0.0)

    def drop_late(self) -> None:
        """Ends queued jobs that are too late, and frees their memory."""
        for job in self._queue.take_late():
            if job.refusal is not None:
                self._metrics.rejected(job.refusal.reason)
                job.finish(job.outcome(job.refusal))
            else:
                self._metrics.dropped("queue", 0.0)
                job.finish(job.outcome(DeadlineExceeded("the deadline passed before a worker was free")))

    def close(self) -> None:
        """Refuses all images from now on."""
        self._draining = True

    def _waiting(self, caller: str, size_bytes: int) -> Reservation:
        reservation = self._budget.try_reserve(Use.WAITING, size_bytes, caller)
        if reservation is None:
            raise self._full(Use.WAITING, size_bytes, caller)
        return reservation

    def _full(self, use: Use, size_bytes: int, caller: str) -> MemoryFull | SpoolFull:
        return self._budget.memory_full(use, size_bytes, caller, self._queue.retry_seconds())
