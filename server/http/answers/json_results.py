"""Answers of the REST interface: pages as JSON, errors as RFC 9457 problems."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import NotRequired, cast

from typing_extensions import TypedDict

from edgeocr.model.errors import expected
from edgeocr.model.results import Page
from edgeocr.results.document import Timings
from edgeocr.results.json_results import PageObject, page_object
from edgeocr.server.http.answers.problems import Problem, problem
from edgeocr.server.scheduling.events import Finished

SECONDS_DIGITS = 6


class AnsweredPage(PageObject):
    """A page, or the error of a page whose document has others."""

    error: NotRequired[Problem]


class TimingsObject(TypedDict):
    """Timings in seconds."""

    queue_seconds: float
    decode_seconds: float
    detect_seconds: float
    recognize_seconds: float
    total_seconds: float


class ResultObject(TypedDict):
    """The outcome of one image: its lines and pages, or its error."""

    name: str
    text: NotRequired[list[str]]
    pages: NotRequired[list[AnsweredPage]]
    error: NotRequired[Problem]
    timings: TimingsObject


class Answer(TypedDict):
    """The lines of all images, and the outcome of each image."""

    text: list[str]
    results: list[ResultObject]


def answer(outcomes: Sequence[tuple[str, Finished]]) -> Answer:
    """The answer for images, by name and in order."""
    results = [_result_object(name, outcome) for name, outcome in outcomes]
    return Answer(text=[line for result in results for line in result.get("text", [])], results=results)


def _result_object(name: str, outcome: Finished) -> ResultObject:
    timings = timings_object(outcome.timings)
    if outcome.error is not None:
        return ResultObject(name=name, error=problem(outcome.error), timings=timings)
    text = [line.text for page in outcome.pages for line in page.lines]
    return ResultObject(name=name, text=text, pages=[answered_page(page) for page in outcome.pages], timings=timings)


def answered_page(page: Page) -> AnsweredPage:
    """A page with its error, if it has one."""
    found = cast(AnsweredPage, page_object(page))
    if page.error is not None:
        found["error"] = problem(expected(page.error))
    return found


def timings_object(timings: Timings) -> TimingsObject:
    """The timings, whose fields have the answer's names."""
    return cast(TimingsObject, {name: round(value, SECONDS_DIGITS) for name, value in asdict(timings).items()})
