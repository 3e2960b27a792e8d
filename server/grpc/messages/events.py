"""Converts events of an image to messages of a stream."""

import time

from edgeocr.model.results import LineRead, PageRead
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.grpc.messages.convert import status_message
from edgeocr.server.grpc.messages.result_messages import set_document, set_line, set_page, set_timings
from edgeocr.server.scheduling.events import Event, Finished
from edgeocr.server.scheduling.session import Entry


def response(entry: Entry, event: Event) -> ocr_pb2.RecognizeStreamResponse:
    """The response for a line, a page, or an image's end."""
    response = ocr_pb2.RecognizeStreamResponse()
    match event:
        case LineRead():
            line = response.line
            line.image_id = entry.name
            line.sequence = entry.index
            line.page_index = event.page_index
            line.line_index = event.line_index
            set_line(line.line, event.line)
            line.elapsed_seconds = time.monotonic() - entry.received
        case PageRead():
            page = response.page
            page.image_id = entry.name
            page.sequence = entry.index
            set_page(page.page, event.page)
            page.page_count = event.page_count
            page.elapsed_seconds = time.monotonic() - entry.received
        case Finished():
            completion = response.completion
            completion.image_id = entry.name
            completion.sequence = entry.index
            set_timings(completion.timings, event.timings)
            if event.error is not None:
                completion.error.CopyFrom(status_message(event.error))
            else:
                set_document(completion.document, event.pages)
        case _:
            raise AssertionError("previews are not requested over gRPC")
    return response
