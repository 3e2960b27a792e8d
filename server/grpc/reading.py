"""Reading the images of one request: all, or none."""

import asyncio
from collections.abc import Sequence

from edgeocr.model.errors import EdgeOcrError
from edgeocr.model.image import ImageSource, Mode
from edgeocr.server.admission import Admission
from edgeocr.server.grpc.inbox import Ending
from edgeocr.server.jobs import Finished, Job
from edgeocr.server.tracing import CallTrace


async def read_all(
    admission: Admission,
    trace: CallTrace,
    flow: str,
    sources: Sequence[ImageSource],
    mode: Mode,
    timeout_seconds: float | None,
) -> list[Finished]:
    """What was read out of each image, in their order.

    Raises:
        EdgeOcrError: one could not be read; where there are several, the text begins with its place, from 0. The
            others are dropped, as they are when the caller goes away.
    """
    jobs: list[tuple[Job, Ending]] = []
    results: list[Finished] = []
    try:
        for source in sources:
            ending = Ending()
            jobs.append((admission.admit(flow, source, mode, ending.deliver, timeout_seconds), ending))
        for job, ending in jobs:
            finished = await ending.finished()
            trace.image(job.received, job, finished)
            if finished.error is not None:
                raise finished.error
            results.append(finished)
    except (EdgeOcrError, asyncio.CancelledError) as error:
        for job, _ in jobs[len(results) :]:
            admission.cancel(job)
        if len(sources) > 1 and isinstance(error, EdgeOcrError):
            place = len(jobs) if len(jobs) < len(sources) else len(results)
            error.args = (f"image {place}: {error}",)
        raise
    return results
