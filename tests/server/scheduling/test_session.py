"""The images of a request without a transport and without workers: what each is told of, and what is held for it."""

import asyncio
import gc
import weakref

import pytest

from edgeocr.model.errors import InvalidInput
from edgeocr.model.results import Line, LineRead, Page, PageRead
from edgeocr.results.document import Timings
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.previews import PageDrawn, PagePreviews
from edgeocr.server.memory.reservation import Use
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.events import Finished
from edgeocr.server.scheduling.job_options import JobOptions
from edgeocr.server.scheduling.sender import Sender
from edgeocr.server.scheduling.session import Session
from edgeocr.server.tracing.tracer import NoTracing
from tests.server.pool import make_job

LINE = LineRead(0, 0, Line(((0.0, 0.0),) * 4, "text", 1.0, ()))
PAGE = PageRead(Page(0, 9, 9, (LINE.line,)), 1)


class Source:
    data = b""

    def __init__(self, error=None):
        self.error = error


class FakeAdmission:
    """Admits jobs that let go of their images at once, and are done when they are told to."""

    def __init__(self):
        self.budget = Budget(1 << 30)
        self.jobs, self.sources, self.cancelled = [], [], []

    def admit(self, caller, source, options, deliver, timeout_seconds, **others):
        if source.error is not None:
            raise source.error
        self.sources.append(weakref.ref(source))
        answer = self.budget.hold(Use.ANSWERING, 0, caller)
        job = make_job(self.budget, options=options, deliver=deliver, answer=answer, pictures=others["pictures"])
        self.jobs.append(job)
        return job

    def cancel(self, job):
        self.cancelled.append(self.jobs.index(job))
        job.answer.release()

    def pictures(self, caller, longest_side):
        return PagePreviews(self.budget, caller, longest_side)

    def finish(self, place, error=None):
        self.jobs[place].add(PAGE.page)
        self.jobs[place].finish(self.jobs[place].outcome(error))


class Sitting:
    """A session of a fake admission, and what metrics count of it."""

    def __init__(self, **choices):
        self.admission, self.metrics = FakeAdmission(), Metrics()
        trace = NoTracing().call("", ())
        self.session = Session(self.admission, self.metrics, trace, method="Read", sender=Sender("client"), **choices)
        self.options = JobOptions(sends_lines=False, sends_pages=False)

    def admit(self, source=None, **choices):
        with self.session.refusing(entry := self.session.enter(str(self.session.count))):
            self.session.admit(entry, source or Source(), self.options, None, **choices)

    def held(self):
        return self.admission.budget.used_bytes()[Use.ANSWERING]

    def counted(self, code):
        name = "edgeocr_request_duration_seconds_count"
        return self.metrics.registry.get_sample_value(name, {"method": "Read", "code": code}) or 0


async def test_an_image_that_its_job_let_go_of_is_kept_by_nobody():
    sitting = Sitting()
    for _ in range(2):
        sitting.admit()
    reading = asyncio.create_task(sitting.session.results())
    await asyncio.sleep(0)
    gc.collect()
    assert [source() for source in sitting.admission.sources] == [None, None]
    for place in range(2):
        sitting.admission.finish(place)
    assert [result.pages for result in await asyncio.wait_for(reading, 5)] == [(PAGE.page,)] * 2


async def test_answers_are_held_until_the_session_is_closed_and_counted_once():
    sitting = Sitting()
    for place in range(3):
        sitting.admit()
        sitting.admission.finish(place)
    await sitting.session.results()
    assert sitting.held() > 0
    for _ in range(2):
        sitting.session.close()
        assert sitting.held() == 0
    assert (sitting.counted("OK"), sitting.counted("CANCELLED")) == (3, 0)
    assert sitting.admission.cancelled == []


async def test_what_is_sent_as_it_comes_is_held_until_the_next_is_asked_for():
    sitting = Sitting(sends_events=True)
    sitting.options = JobOptions(sends_pages=True)
    sitting.admit()
    sitting.session.end()
    job = sitting.admission.jobs[0]
    job.tell([LINE], last=False)
    sitting.admission.finish(0)
    events, held = sitting.session.events(), []
    async for _, event in events:
        held.append((type(event), sitting.held()))
    assert [kind for kind, _ in held] == [LineRead, PageRead, Finished]
    assert sorted((size for _, size in held), reverse=True) == [size for _, size in held]
    assert held[-1][1] > 0
    assert sitting.held() == 0
    assert sitting.counted("OK") == 1


async def test_an_image_that_could_not_be_read_ends_the_others_with_its_place():
    sitting = Sitting()
    for _ in range(3):
        sitting.admit()
    sitting.admission.finish(0)
    sitting.admission.finish(1, InvalidInput("image: is none"))
    with pytest.raises(InvalidInput, match=r"^image 1: image: is none$"):
        await sitting.session.results()
    sitting.session.close()
    assert sitting.admission.cancelled == [2]
    assert sitting.held() == 0
    assert [sitting.counted(code) for code in ("OK", "INVALID_ARGUMENT", "CANCELLED")] == [1, 1, 1]


async def test_an_image_that_is_refused_ends_the_others_before_they_are_read():
    sitting = Sitting()
    sitting.admit()
    sitting.admit(Source(InvalidInput("image: is none")))
    with pytest.raises(InvalidInput, match=r"^image 1: image: is none$"):
        await sitting.session.results()
    sitting.session.close()
    assert sitting.admission.cancelled == [0]


async def test_an_error_of_a_single_image_is_reported_unchanged_and_has_no_other_effect():
    sitting = Sitting()
    sitting.admit(Source(InvalidInput("image: is none")))
    remains, told = weakref.ref(sitting.session), []

    async def read(session):
        try:
            await session.results()
        except InvalidInput as error:
            told.append(str(error))
        finally:
            session.close()

    gc.disable()
    try:
        await read(sitting.session)
        del sitting
        assert remains() is None
    finally:
        gc.enable()
    assert told == ["image: is none"]


async def test_ends_come_by_name_in_the_order_of_the_images():
    sitting = Sitting(ordered=False, window_images=4)
    sitting.admit()
    sitting.admit(Source(InvalidInput("image: is none")))
    sitting.admit()
    sitting.session.end()
    for place in (1, 0):
        sitting.admission.finish(place)
    ends = await sitting.session.ends()
    assert [(name, end.error is None) for name, end in ends] == [("0", True), ("1", False), ("2", True)]
    assert (sitting.counted("OK"), sitting.counted("INVALID_ARGUMENT")) == (2, 1)


@pytest.mark.parametrize(("ordered", "names"), [(True, "0000111"), (False, "1110000")])
async def test_events_of_an_image_wait_for_the_images_before_it_if_they_are_to(ordered, names):
    sitting = Sitting(sends_events=True, ordered=ordered, window_images=2)
    sitting.options = JobOptions(sends_pages=True)
    for _ in range(2):
        sitting.admit()
    sitting.session.end()
    for place in (1, 0):
        sitting.admission.jobs[place].tell([LINE] * (2 - place), last=False)
        sitting.admission.finish(place)
    assert "".join([entry.name async for entry, _ in sitting.session.events()]) == names
    assert sitting.held() == 0


async def test_a_place_is_free_again_once_an_image_is_over():
    sitting = Sitting(sends_events=True, window_images=2)
    for _ in range(2):
        await asyncio.wait_for(sitting.session.place(), 5)
        sitting.admit()
    third = asyncio.create_task(sitting.session.place())
    events = sitting.session.events()
    sitting.admission.finish(0)
    await anext(events)
    for _ in range(20):
        await asyncio.sleep(0)
    assert not third.done(), "it is not sent yet"
    following = asyncio.create_task(anext(events))
    await asyncio.wait_for(third, 5)
    following.cancel()
    assert sitting.session.is_busy()


async def test_only_if_all_are_refused_the_first_reason_is_the_request_s():
    sitting = Sitting(sends_events=True)
    assert sitting.session.refusal() is None
    sitting.admit(Source(InvalidInput("first")))
    sitting.admit(Source(InvalidInput("second")))
    assert str(sitting.session.refusal()) == "first"
    assert sitting.counted("INVALID_ARGUMENT") == 2
    sitting.admit()
    assert sitting.session.refusal() is None
    sitting.session.close()
    assert (sitting.counted("INVALID_ARGUMENT"), sitting.counted("CANCELLED")) == (2, 1)


async def test_a_bug_at_admission_is_that_image_s_and_its_bytes_are_released(caplog):
    sitting = Sitting()
    held = sitting.admission.budget.hold(Use.WAITING, 100)
    with sitting.session.refusing(sitting.session.enter(), held):
        raise ValueError("secret")
    assert held.closed
    ((_, end),) = await asyncio.wait_for(_ended(sitting.session).ends(), 5)
    assert end.error.code == "INTERNAL"
    assert "secret" not in str(end.error)


def _ended(session):
    session.end()
    return session


async def test_pictures_are_released_as_they_are_sent_and_none_is_drawn_afterwards():
    sitting = Sitting(sends_events=True)
    sitting.admit(picture_side=400)
    sitting.session.end()
    job, pictures = sitting.admission.jobs[0], sitting.admission.jobs[0].pictures
    drawn = PageDrawn(0, 9, 9, bytes(1000))
    assert pictures._held.grow(1000)
    pictures._unsent = 1
    job.deliver(drawn)
    events = sitting.session.events()
    assert (await anext(events))[1] is drawn
    assert sitting.admission.budget.used_bytes()[Use.WAITING] == 1000
    job.deliver(Finished((), None, Timings()))
    await anext(events)
    assert sitting.admission.budget.used_bytes()[Use.WAITING] == 0
    assert await anext(events, None) is None
    assert pictures._closed
