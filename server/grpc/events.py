"""What happens to one image of a stream, as the messages that tell of it."""

import time
from dataclasses import dataclass, field

from edgeocr.model.results import LineRead, PageRead
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.grpc import convert
from edgeocr.server.scheduling.events import Event, Finished
from edgeocr.server.scheduling.job import Job


@dataclass(slots=True, eq=False)
class Entry:
    """One image of the stream, from its receipt until its completion was sent."""

    image_id: str
    sequence: int
    received: float = field(default_factory=time.monotonic)
    job: Job | None = None
    has_line: bool = False
    held: list[Event] = field(default_factory=list)


def line_event_message(entry: Entry, event: LineRead, *, with_characters: bool) -> ocr_pb2.LineEvent:
    """A line that was read."""
    return ocr_pb2.LineEvent(
        image_id=entry.image_id,
        sequence=entry.sequence,
        page_index=event.page_index,
        line_index=event.line_index,
        line=convert.line_message(event.line, with_characters=with_characters),
        elapsed_seconds=time.monotonic() - entry.received,
    )


def page_event_message(entry: Entry, event: PageRead, *, with_characters: bool) -> ocr_pb2.PageEvent:
    """A page that was read, or could not be."""
    return ocr_pb2.PageEvent(
        image_id=entry.image_id,
        sequence=entry.sequence,
        page=convert.page_message(event.page, with_characters=with_characters),
        page_count=event.page_count,
        elapsed_seconds=time.monotonic() - entry.received,
    )


def completion_message(entry: Entry, event: Finished, *, with_characters: bool) -> ocr_pb2.ImageCompletion:
    """An image's end."""
    completion = ocr_pb2.ImageCompletion(
        image_id=entry.image_id,
        sequence=entry.sequence,
        timings=convert.timings_message(event.timings),
    )
    if event.error is not None:
        completion.error.CopyFrom(convert.status_message(event.error))
    else:
        completion.document.CopyFrom(convert.document_message(event.pages, with_characters=with_characters))
    return completion
