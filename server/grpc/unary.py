"""Reading the images of one request: all, or none."""

import asyncio
from contextlib import ExitStack

from edgeocr.model.errors import EdgeOcrError
from edgeocr.model.files.document_options import ALL_PAGES, DocumentOptions
from edgeocr.model.files.image import ImageSource
from edgeocr.model.options import EVERYTHING, Mode, Preparation
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.delivery import ResultFuture
from edgeocr.server.scheduling.events import Finished
from edgeocr.server.scheduling.job import Job
from edgeocr.server.tracing.tracer import CallTrace


async def read_all(
    admission: Admission,
    trace: CallTrace,
    caller: str,
    images: list[ImageSource],
    mode: Mode,
    timeout_seconds: float | None,
    allow_partial: bool = False,
    document: DocumentOptions = ALL_PAGES,
    preparation: Preparation = EVERYTHING,
    *,
    with_characters: bool = True,
    held: ExitStack,
    stream: str = "",
) -> list[Finished]:
    """What was read out of each image, in their order. The list is emptied: each image is its job's alone.
    What holds the answers is released with `held`, which is to be closed once they are sent.

    Raises:
        EdgeOcrError: one could not be read; where there are several, the text begins with its place, from 0. The
            others are dropped, as they are when the caller goes away.
    """
    jobs: list[tuple[Job, ResultFuture]] = []
    results: list[Finished] = []
    count = len(images)
    try:
        while images:
            ending = ResultFuture()
            job = admission.admit(
                caller,
                images.pop(0),
                mode,
                ending.deliver,
                timeout_seconds,
                allow_partial,
                document=document,
                preparation=preparation,
                with_characters=with_characters,
                sends_lines=False,
                stream=stream,
            )
            held.callback(job.answer.release)
            jobs.append((job, ending))
        for job, ending in jobs:
            finished = await ending.finished()
            trace.image(job.received, job, finished)
            if finished.error is not None:
                raise finished.error
            results.append(finished)
    except (EdgeOcrError, asyncio.CancelledError) as error:
        for job, _ in jobs[len(results) :]:
            admission.cancel(job)
        images.clear()
        if not isinstance(error, EdgeOcrError):
            raise
        if count > 1:
            place = len(jobs) if len(jobs) < count else len(results)
            error.args = (f"image {place}: {error}",)
        raise error.bare() from None
    return results
