"""Converts events of an image to messages of a stream."""

import time

from edgeocr.model.results import LineRead, PageRead
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.grpc.messages.convert import status_message
from edgeocr.server.grpc.messages.result_messages import document_message, line_message, page_message, timings_message
from edgeocr.server.scheduling.events import Event, Finished
from edgeocr.server.scheduling.session import Entry


def response(entry: Entry, event: Event) -> ocr_pb2.RecognizeStreamResponse:
    """The response for a line, a page, or an image's end."""
    elapsed_seconds = time.monotonic() - entry.received
    match event:
        case LineRead():
            line = ocr_pb2.LineEvent(
                image_id=entry.name,
                sequence=entry.index,
                page_index=event.page_index,
                line_index=event.line_index,
                line=line_message(event.line),
                elapsed_seconds=elapsed_seconds,
            )
            return ocr_pb2.RecognizeStreamResponse(line=line)
        case PageRead():
            page = ocr_pb2.PageEvent(
                image_id=entry.name,
                sequence=entry.index,
                page=page_message(event.page),
                page_count=event.page_count,
                elapsed_seconds=elapsed_seconds,
            )
            return ocr_pb2.RecognizeStreamResponse(page=page)
    assert isinstance(event, Finished), "previews are not requested over gRPC"
    completion = ocr_pb2.ImageCompletion(
        image_id=entry.name, sequence=entry.index, timings=timings_message(event.timings)
    )
    if event.error is not None:
        completion.error.CopyFrom(status_message(event.error))
    else:
        completion.document.CopyFrom(document_message(event.pages))
    return ocr_pb2.RecognizeStreamResponse(completion=completion)
