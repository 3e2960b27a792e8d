"""Documents through all steps but the networks: opened, pages chosen, drawn or decoded page by page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from edgeocr.model.errors import Code, EdgeOcrError
from edgeocr.model.files.document_options import DocumentOptions, PageRange, TextLayer
from edgeocr.model.files.image import EncodedImage
from edgeocr.model.files.opening.decoder import LOCAL, Decoded, Patches
from edgeocr.model.files.opening.requests import Request
from edgeocr.model.options import Mode
from edgeocr.model.page import Batch, DetectedPage
from edgeocr.model.pipeline import Reader
from edgeocr.model.results import LineRead
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.events import Event, Finished
from edgeocr.server.scheduling.job import Job
from edgeocr.server.scheduling.job_options import JobOptions
from edgeocr.server.scheduling.queue import JobQueue
from edgeocr.server.scheduling.sender import Sender
from edgeocr.server.scheduling.workers import WorkerPool
from tests.checks.fuzz.harness import LIMITS, MANIFEST, METRICS, check_error
from tests.checks.fuzz.seeds import PASSWORD

_LIMITS = replace(LIMITS, document_pages=3)
_DOTS_PER_INCH = (36.0, 72.0, 150.0, 1200.0)


class _Models:
    manifest = MANIFEST


class BlindReader(Reader):
    """A reader that finds no line on a page."""

    def __init__(self) -> None:
        self.models: Any = _Models()

    def find(self, picture: Any, mode: Mode, trace: Any, index: int = 0, **_: object) -> DetectedPage:
        """Nothing."""
        pixels = picture.pixels
        assert (pixels.dtype.name, pixels.ndim, pixels.shape[2]) == ("uint8", 3, 3), pixels.shape
        assert picture.width * picture.height <= LIMITS.image_pixels
        return DetectedPage(picture, mode, (), (), index, positions=())

    def first_lines(
        self, detected: DetectedPage, trace: Any, check: Any = None
    ) -> Iterator[tuple[DetectedPage, list[LineRead]]]:
        """None."""
        return iter(())

    def batches(self, detected: DetectedPage, most_pixels: int = 0) -> list[Batch]:
        """None."""
        return []


@dataclass(frozen=True)
class _Opened:
    """The result of a request, with the interface of a decoder process."""

    result: Callable[[], Decoded]

    def wait(self, _: float, __: object) -> bool:
        """It is there."""
        return True


class _DecodersHere:
    """Opens files in this process, where coverage is measured."""

    def begin(
        self, _: str, __: str, request: Request, data: bytes, patches: Patches, *_more: object, **_named: object
    ) -> _Opened:
        """Runs when the result is requested."""
        return _Opened(partial(LOCAL.decode, request, data, patches))


_READER = BlindReader()


def document(data: bytes) -> None:
    """Bytes of choices, then a file."""
    if len(data) < 3:
        return
    choices, first, file = data[0], data[1] % 4, data[2:]
    budget = Budget(1 << 28)
    queue = JobQueue(4, budget)
    pool = WorkerPool(0, _READER.models, queue, budget, METRICS, _DecodersHere())  # type: ignore[arg-type]
    events: list[Event] = []
    options = DocumentOptions(
        ranges=(PageRange(first, first + 1), PageRange(0, 0)) if choices & 1 else (),
        dots_per_inch=_DOTS_PER_INCH[choices >> 1 & 3],
        password=PASSWORD if choices & 8 else "",
        text_layer=TextLayer.USE if choices & 16 else TextLayer.IGNORE,
    )
    admission = Admission(queue, budget, _LIMITS, MANIFEST, METRICS, 300)
    mode = Mode.LINE if choices & 32 else Mode.PAGE
    try:
        admission.admit(
            Sender("fuzz"),
            EncodedImage(file),
            JobOptions(mode=mode, document=options, sends_pages=bool(choices & 64)),
            lambda *came: events.extend(came),
            None,
        )
    except EdgeOcrError as error:
        check_error(error)
    else:
        while not (events and isinstance(events[-1], Finished)):
            job = queue.take()
            assert isinstance(job, Job), "only jobs come"
            while pool._run(_READER, job):
                pass
        _check_end(events)
        for event in events:
            job.took(event)
    assert budget.used_bytes() == dict.fromkeys(Use, 0), budget.used_bytes()


def _check_end(events: list[Event]) -> None:
    end = events[-1]
    assert isinstance(end, Finished), "the end comes last"
    for error in (end.error, *(page.error for page in end.pages)):
        if error is not None:
            check_error(error, Code.FAILED_PRECONDITION)
    places = [page.index for page in end.pages]
    assert places == sorted(set(places)), places
    assert len(places) <= _LIMITS.document_pages
