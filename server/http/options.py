"""Options of a request, from the query, a form's fields, or a JSON body."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files.document_options import (
    DOTS_PER_INCH,
    LEAST_DOTS_PER_INCH,
    MOST_DOTS_PER_INCH,
    DocumentOptions,
    PageRange,
    TextLayer,
)
from edgeocr.model.files.preview import LONGEST_SIDE, MOST_SIDE
from edgeocr.model.options import Mode, Preparation, Reading
from edgeocr.server.http.answers.problems import complaint
from edgeocr.server.scheduling.job_options import JobOptions

_RANGE = r"[0-9]{1,9}( ?- ?([0-9]{1,9})?)?"
_STEP = "(orientation|skew|enhancement|tables)"
_MOST_PASSWORD_CHARACTERS = 1024


class QueryOptions(BaseModel):
    """Options that are allowed in the query, which proxies may log."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Annotated[
        Literal["page", "line"], Field(description="page: lines are detected, then read; line: the image is one line")
    ] = "page"
    pages: Annotated[
        str,
        Field(
            pattern=f"^{_RANGE}(, ?{_RANGE})*$",
            max_length=1000,
            description="pages of a document, counted from 1, as in 1-3,7,9-; all where absent",
            examples=["1-3,7,9-"],
        ),
    ] = "1-"
    dpi: Annotated[
        float,
        Field(ge=LEAST_DOTS_PER_INCH, le=MOST_DOTS_PER_INCH, description="resolution at which a PDF's pages are drawn"),
    ] = DOTS_PER_INCH
    text_layer: Annotated[
        Literal["ignore", "use"],
        Field(description="use: pages of a PDF that hold text as such are answered with it, and not read"),
    ] = "ignore"
    omit: Annotated[
        str,
        Field(
            pattern=f"^{_STEP}(,{_STEP})*$|^$",
            description="corrections that are disabled for pages: "
            "orientation, skew, enhancement, tables, separated by commas",
            examples=["skew,enhancement"],
        ),
    ] = ""
    reading: Annotated[
        Literal["adaptive", "accurate", "fast"] | None,
        Field(
            description="recognisers that read lines; adaptive: the fast one, and again the accurate one "
            "where that is not sure; as the server is set by default"
        ),
    ] = None
    timeout: Annotated[
        float | None,
        Field(gt=0, le=86400, allow_inf_nan=False, description="time limit of each image in seconds"),
    ] = None
    partial: Annotated[
        bool, Field(description="whether the lines read until the time-out are answered, and not an error")
    ] = False
    characters: Annotated[bool, Field(description="whether lines have their characters")] = False
    alternatives: Annotated[
        bool, Field(description="whether lines have their characters, and doubtful ones what they may be instead")
    ] = False
    aligned_tables: Annotated[
        bool, Field(description="whether tables without rulings are found, by columns that are aligned")
    ] = False
    pictures: Annotated[
        bool, Field(description="whether each page comes with a picture of it, as JPEG; in streams only")
    ] = False
    picture_side: Annotated[
        int, Field(ge=16, le=MOST_SIDE, description="the most pixels of such a picture's longer side")
    ] = LONGEST_SIDE
    places: Annotated[bool, Field(description="whether a stream reports how many images are before one that waits")] = (
        False
    )
    stream: Annotated[bool, Field(description="whether lines come as they are read, as server-sent events")] = False


class Options(QueryOptions):
    """Options that are allowed in a form or a JSON body."""

    password: Annotated[
        str, Field(max_length=_MOST_PASSWORD_CHARACTERS, repr=False, description="opens an encrypted PDF")
    ] = ""

    def job_options(self) -> JobOptions:
        """Converts to the options of a job.

        Raises:
            InvalidInput: a range of pages is invalid.
        """
        ranges = () if self.pages == "1-" else tuple(_range(part) for part in self.pages.split(","))
        return JobOptions(
            mode=Mode(self.mode),
            document=DocumentOptions(ranges, self.dpi, self.password, TextLayer(self.text_layer)),
            preparation=Preparation(
                **{step: False for step in self.omit.split(",") if step}, aligned_tables=self.aligned_tables
            ),
            allow_partial=self.partial,
            with_characters=self.characters or self.alternatives,
            alternatives=self.alternatives,
            reading=Reading(self.reading) if self.reading else None,
            sends_lines=self.stream,
            sends_pages=self.stream,
        )


def with_fields(given: QueryOptions, fields: Mapping[str, object], *, strict: bool = False) -> Options:
    """The query's options, overridden by those of a form or a JSON body.

    Values of a form are texts; with `strict`, those of JSON must have the right type.

    Raises:
        InvalidInput: an option is unknown, invalid, or allowed in the query only.
    """
    for name in ("stream", "places"):
        if name in fields:
            raise InvalidInput(f"{name}: must be in the query, as in /api/ocr?{name}=1")
    try:
        options = Options.model_validate({**given.model_dump(exclude_unset=True), **fields}, strict=strict)
    except ValidationError as error:
        raise InvalidInput(complaint(error.errors())) from None
    for name in ("pictures", "places"):
        if getattr(options, name) and not given.stream:
            raise InvalidInput(f"{name}: requires stream=1")
    return options


def _range(part: str) -> PageRange:
    first, dash, last = (text.strip() for text in part.partition("-"))
    if not dash:
        last = first
    if int(first) < 1 or (last and int(last) < int(first)):
        raise InvalidInput(f"pages: count from 1 upwards, not as in {part.strip()!r}")
    return PageRange(int(first) - 1, int(last) - 1 if last else None)
