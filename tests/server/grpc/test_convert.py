import pytest
from google.rpc import error_details_pb2

from edgeocr.client.answers import line_of
from edgeocr.model.errors import InvalidInput, Limit, OutOfMemory, TooLarge
from edgeocr.model.options import EVERYTHING, Preparation, Reading
from edgeocr.model.results import Cell, Direction, Line, LineReader, Page, Table
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.results.document import Enhancement
from edgeocr.server.grpc.messages import convert
from edgeocr.server.grpc.messages.result_messages import set_line, set_page


def details(error):
    status = convert.status_message(error)
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    found = [detail.Unpack(info) or detail.Unpack(retry) for detail in status.details]
    assert all(found)
    return status, info, retry


def page_message(page):
    message = ocr_pb2.Page()
    set_page(message, page)
    return message


def line_message(line):
    message = ocr_pb2.Line()
    set_line(message, line)
    return message


def test_a_limit_that_was_met_is_named_for_programs():
    status, info, _retry = details(TooLarge("image: 5 bytes", Limit("image_bytes", 4, 5)))
    assert (status.code, status.message) == (8, "image: 5 bytes")
    assert (info.reason, info.domain) == ("TOO_LARGE", "edgeocr")
    assert dict(info.metadata) == {"limit": "image_bytes", "value": "4", "asked": "5"}
    assert len(status.details) == 1, "asking again would not help"


def test_where_asking_again_may_help_it_says_when():
    _status, info, retry = details(OutOfMemory())
    assert info.reason == "OUT_OF_MEMORY"
    assert retry.retry_delay.ToNanoseconds() == 1_000_000_000


def test_other_errors_say_of_what_kind_they_are():
    status = convert.status_message(InvalidInput("image: is empty"))
    info = error_details_pb2.ErrorInfo()
    (detail,) = status.details
    assert detail.Unpack(info)
    assert (status.code, info.reason, info.domain, dict(info.metadata)) == (3, "INVALID_ARGUMENT", "edgeocr", {})


def test_a_page_says_whether_it_is_partial_and_by_how_much_it_was_reduced():
    whole, part = page_message(Page(0, 80, 60, ())), page_message(Page(0, 80, 60, (), 4, True))
    assert (whole.partial, whole.reduction) == (False, 1)
    assert (part.partial, part.reduction) == (True, 4)


def test_everything_is_done_but_what_is_to_be_omitted():
    assert convert.preparation(ocr_pb2.RecognizeOptions(), "options") == EVERYTHING
    omit = [ocr_pb2.PREPARATION_SKEW, ocr_pb2.PREPARATION_ENHANCEMENT]
    asked = convert.preparation(ocr_pb2.RecognizeOptions(omit=omit), "options")
    assert asked == Preparation(orientation=True, skew=False, enhancement=False)


@pytest.mark.parametrize("value", [ocr_pb2.PREPARATION_UNSPECIFIED, 99])
def test_what_is_unknown_cannot_be_omitted(value):
    options = ocr_pb2.RecognizeOptions(omit=[ocr_pb2.PREPARATION_SKEW, value])
    with pytest.raises(InvalidInput, match=rf"^options\.omit\[1\]: {value} is unknown"):
        convert.preparation(options, "options")


@pytest.mark.parametrize("reading", [None, *Reading])
def test_the_reading_is_what_is_asked_for_and_by_default_the_servers(reading):
    number = 0 if reading is None else convert.READINGS[reading]
    assert ocr_pb2.Reading.Name(number) == f"READING_{reading.name if reading else 'UNSPECIFIED'}"
    assert convert.job_options(ocr_pb2.RecognizeOptions(reading=number), "options").reading is reading


def test_an_unknown_reading_is_refused():
    with pytest.raises(InvalidInput, match=r"^options\.reading: 99 is unknown, known are READING_UNSPECIFIED"):
        convert.job_options(ocr_pb2.RecognizeOptions(reading=99), "options")


@pytest.mark.parametrize("reader", [None, *LineReader])
def test_a_line_says_which_recogniser_gave_it(reader):
    polygon = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
    message = line_message(Line(polygon, "Sum", 1.0, (), reader=reader))
    assert ocr_pb2.LineReader.Name(message.reader) == f"LINE_READER_{reader.name if reader else 'UNSPECIFIED'}"
    assert line_of(message).reader is reader


def test_a_page_says_how_it_lay_and_what_was_done_for_it():
    page = Page(0, 80, 60, (), rotation_degrees=-90.0, enhancements=(Enhancement.CONTRAST,))
    message = page_message(page)
    assert (message.rotation_degrees, list(message.enhancements)) == (-90, [ocr_pb2.ENHANCEMENT_CONTRAST])


def test_a_page_says_its_rows_and_its_tables():
    polygon = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
    lines = tuple(Line(polygon, text, 1.0, (), row, 1) for text, row in (("Sum", 4), ("in €", 4), ("5", 5)))
    cells = (
        Cell(0, 0, 2, 1, polygon, (0, 1), "Sum\nin €", 0.5),
        Cell(0, 1, 1, 1, polygon, ()),
        Cell(1, 1, 1, 1, polygon, (2,), "5"),
    )
    page = Page(0, 9, 9, lines, tables=(Table(polygon, 2, 2, cells),))
    message = page_message(page)
    assert [(line.row, line.paragraph) for line in message.lines] == [(4, 1), (4, 1), (5, 1)]
    assert message.text == "Sum in €\n          5"
    (table,) = message.tables
    assert (table.rows, table.columns, len(table.polygon)) == (2, 2, 4)
    assert [(cell.row, cell.column, cell.row_span, cell.column_span) for cell in table.cells] == [
        (0, 0, 2, 1),
        (0, 1, 1, 1),
        (1, 1, 1, 1),
    ]
    assert [cell.confidence for cell in table.cells] == [0.5, 1, 1]
    assert [(cell.text, list(cell.lines)) for cell in table.cells] == [("Sum\nin €", [0, 1]), ("", []), ("5", [2])]


def test_a_line_says_which_way_it_runs():
    corners = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
    directions = [
        line_message(Line(corners, "text", 1.0, (), direction=direction)).direction for direction in Direction
    ]
    assert directions == [ocr_pb2.DIRECTION_HORIZONTAL, ocr_pb2.DIRECTION_VERTICAL]
