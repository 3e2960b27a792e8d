"""Results as JSON has them: sizes and coordinates in pixels of the image as sent, confidences 0 to 1."""

from collections.abc import Sequence
from typing import Literal, NotRequired

from typing_extensions import TypedDict

from edgeocr.model.errors import expected
from edgeocr.model.results import Character, Direction, Line, Page, Polygon, Table
from edgeocr.server.http.problems import Problem, problem
from edgeocr.server.scheduling.events import Finished, Timings

CONFIDENCE_DIGITS = 4
COORDINATE_DIGITS = 1
SECONDS_DIGITS = 6


class CharacterObject(TypedDict):
    """A character; `start` and `end` are estimates, as shares of the line's length."""

    text: str
    confidence: float
    start: float
    end: float


class LineObject(TypedDict):
    """A line; `polygon` has its corners from the text's top left on, clockwise as it is read, each as x and y."""

    text: str
    confidence: float
    polygon: list[list[float]]
    direction: NotRequired[Literal["vertical"]]
    characters: NotRequired[list[CharacterObject]]


class CellObject(TypedDict):
    """A cell of a table: its place and its size in rows and columns, its text, and its lines' places on the page."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    lines: list[int]
    polygon: list[list[float]]


class TableObject(TypedDict):
    """A table with its cells, row by row."""

    rows: int
    columns: int
    polygon: list[list[float]]
    cells: list[CellObject]


class PageObject(TypedDict):
    """A page, `index` from 0; or why it could not be read, while others of its document could.

    The rest is there where it says something: that its text is the document's own (`embedded`), that time ran out
    (`partial`), by how much its sides were divided (`reduction`), how its text was turned, what was done to it, and its
    ruled tables.
    """

    index: int
    width: int
    height: int
    lines: list[LineObject]
    error: NotRequired[Problem]
    embedded: NotRequired[bool]
    partial: NotRequired[bool]
    reduction: NotRequired[int]
    rotation_degrees: NotRequired[float]
    enhancements: NotRequired[list[str]]
    tables: NotRequired[list[TableObject]]


class TimingsObject(TypedDict):
    """Where the time went, in seconds."""

    queue_seconds: float
    decode_seconds: float
    detect_seconds: float
    recognize_seconds: float
    total_seconds: float


class ResultObject(TypedDict):
    """What became of one image: its lines and pages, or its error."""

    name: str
    text: NotRequired[list[str]]
    pages: NotRequired[list[PageObject]]
    error: NotRequired[Problem]
    timings: TimingsObject


class Answer(TypedDict):
    """The lines of all images, one after the other, and what became of each image."""

    text: list[str]
    results: list[ResultObject]


def answer(outcomes: Sequence[tuple[str, Finished]]) -> Answer:
    """The answer for images by their names, in their order."""
    results = [_result_object(name, outcome) for name, outcome in outcomes]
    return Answer(text=[line for result in results for line in result.get("text", [])], results=results)


def _result_object(name: str, outcome: Finished) -> ResultObject:
    timings = timings_object(outcome.timings)
    if outcome.error is not None:
        return ResultObject(name=name, error=problem(outcome.error), timings=timings)
    text = [line.text for page in outcome.pages for line in page.lines]
    return ResultObject(name=name, text=text, pages=[page_object(page) for page in outcome.pages], timings=timings)


def page_object(page: Page, *, with_characters: bool = True) -> PageObject:
    """A page, with its lines' characters, where it has any, or without."""
    lines = [line_object(line, with_characters=with_characters) for line in page.lines]
    found = PageObject(index=page.index, width=page.width, height=page.height, lines=lines)
    if page.error is not None:
        found["error"] = problem(expected(page.error))
    if page.is_embedded:
        found["embedded"] = True
    if page.partial:
        found["partial"] = True
    if page.reduction > 1:
        found["reduction"] = page.reduction
    if page.rotation_degrees:
        found["rotation_degrees"] = round(page.rotation_degrees, COORDINATE_DIGITS)
    if page.enhancements:
        found["enhancements"] = [str(done) for done in page.enhancements]
    if page.tables:
        found["tables"] = [_table_object(table, page.lines) for table in page.tables]
    return found


def _table_object(table: Table, lines: Sequence[Line]) -> TableObject:
    cells = [
        CellObject(
            row=cell.row,
            column=cell.column,
            row_span=cell.row_span,
            column_span=cell.column_span,
            text="\n".join(lines[place].text for place in cell.lines),
            lines=list(cell.lines),
            polygon=_polygon(cell.polygon),
        )
        for cell in table.cells
    ]
    return TableObject(rows=table.rows, columns=table.columns, polygon=_polygon(table.polygon), cells=cells)


def line_object(line: Line, *, with_characters: bool = True) -> LineObject:
    """A line, with its characters, where it has any, or without."""
    found = LineObject(
        text=line.text,
        confidence=round(line.confidence, CONFIDENCE_DIGITS),
        polygon=_polygon(line.polygon),
    )
    if line.direction is Direction.VERTICAL:
        found["direction"] = "vertical"
    if with_characters and line.characters:
        found["characters"] = [_character_object(character) for character in line.characters]
    return found


def _polygon(polygon: Polygon) -> list[list[float]]:
    return [[round(x, COORDINATE_DIGITS), round(y, COORDINATE_DIGITS)] for x, y in polygon]


def timings_object(timings: Timings) -> TimingsObject:
    """Where the time went."""
    return TimingsObject(
        queue_seconds=round(timings.queue_seconds, SECONDS_DIGITS),
        decode_seconds=round(timings.decode_seconds, SECONDS_DIGITS),
        detect_seconds=round(timings.detect_seconds, SECONDS_DIGITS),
        recognize_seconds=round(timings.recognise_seconds, SECONDS_DIGITS),
        total_seconds=round(timings.total_seconds, SECONDS_DIGITS),
    )


def _character_object(character: Character) -> CharacterObject:
    return CharacterObject(
        text=character.text,
        confidence=round(character.confidence, CONFIDENCE_DIGITS),
        start=round(character.start, CONFIDENCE_DIGITS),
        end=round(character.end, CONFIDENCE_DIGITS),
    )
