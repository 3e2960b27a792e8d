"""Bad requests to a real server: each gets its own error, and nobody else any."""

import grpc
import pytest

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.end_to_end.reading.test_reading import SERVICE, completions, recognize
from tests.support.rendering import encoded, line, page
from tests.support.serving import configuration, image, stub


@pytest.fixture
def service(server):
    with server.channel() as channel:
        yield stub(channel)


def test_bad_images_amid_good_ones_get_their_own_errors(service):
    good = encoded(line("good"))
    requests = [
        configuration(ocr_pb2.MODE_LINE),
        image("first", good),
        image("garbage", b"garbage"),
        image("half", good[: len(good) // 2]),
        image("empty", b""),
        image("tall", encoded(page([]))),
        image("first", good),
        image("last", good),
    ]
    answers = completions(service.RecognizeStream(iter(requests)))
    assert [(done.image_id, done.error.code) for done in answers] == [
        ("first", 0), ("garbage", 3), ("half", 3), ("empty", 3), ("tall", 3), ("first", 3), ("last", 0),
    ]  # fmt: skip
    assert [done.document.pages[0].text for done in answers if not done.HasField("error")] == ["good", "good"]
    assert "line_height_pixels" in answers[4].error.message


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (ocr_pb2.RecognizeRequest(), "image: is missing"),
        (ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=b"")), "image: is empty"),
        (ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=b"x"), options=ocr_pb2.RecognizeOptions(mode=5)),
         "options.mode: 5 is unknown, known are MODE_UNSPECIFIED, MODE_PAGE, MODE_LINE"),
        (ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(raw=ocr_pb2.RawPixels(data=b"123", format=9))),
         "image.raw.format: 9"),
        (ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(raw=ocr_pb2.RawPixels(
            data=bytes(99), format=ocr_pb2.PIXEL_FORMAT_GREY8, width_pixels=10, height_pixels=10))),
         "image.raw.data: 99 bytes"),
        (ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=encoded(line("x")[:1, :1]))), "min_side_pixels"),
    ],
)  # fmt: skip
def test_a_bad_request_names_the_field(service, request_, words):
    with pytest.raises(grpc.RpcError) as error:
        service.Recognize(request_)
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert words in error.value.details()


def test_an_image_beyond_a_size_limit_is_refused_without_ending_its_stream(service):
    limits = service.GetServerInfo(ocr_pb2.GetServerInfoRequest()).limits
    requests = [
        configuration(ocr_pb2.MODE_LINE),
        image("large", b"\xff\xd8\xff" + bytes(limits.image_bytes)),
        image("small", encoded(line("after it"))),
    ]
    large, small = completions(service.RecognizeStream(iter(requests)))
    assert large.error.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
    assert f"the limit is {limits.image_bytes} (image_bytes)" in large.error.message
    assert small.document.pages[0].text.replace(" ", "") == "afterit"


def test_a_stream_that_never_sends_its_configuration_ends_with_the_reason(service):
    answers = service.RecognizeStream(iter([image("a", encoded(line("a")))]))
    assert next(answers).completion.error.message == "config: must be the first message of a stream"
    with pytest.raises(grpc.RpcError) as error:
        next(answers)
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_message_that_cannot_be_parsed_is_the_clients_error(server):
    def identity(data):
        return data

    with server.channel() as channel:
        unary = channel.unary_unary(f"/{SERVICE}/Recognize", identity, identity)
        stream = channel.stream_stream(f"/{SERVICE}/RecognizeStream", identity, identity)
        for call in (lambda: unary(b"\xff\xff\xff"), lambda: list(stream(iter([b"\xff\xff\xff"])))):
            with pytest.raises(grpc.RpcError) as error:
                call()
            assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            assert error.value.details() == "message: cannot be parsed as the method's request"
    assert not any("Traceback" in row for row in server.log)


def test_a_message_of_many_small_parts_is_refused_before_it_grows(service):
    pages = ocr_pb2.DocumentOptions(pages=[ocr_pb2.PageRange()] * 20_000)
    data = encoded(line("not read"))
    with pytest.raises(grpc.RpcError) as error:
        recognize(service, data, ocr_pb2.RecognizeOptions(document=pages))
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.value.details() == "message: may have 32768 bytes besides its images"
    many = image("many", data)
    many.image.document.CopyFrom(pages)
    answers = service.RecognizeStream(iter([configuration(ocr_pb2.MODE_LINE), image("one", data), many]))
    found = []
    with pytest.raises(grpc.RpcError) as error:
        found.extend(answers)
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert [completion.image_id for completion in completions(found)] == ["one"]
