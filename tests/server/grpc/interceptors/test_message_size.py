import pytest
from google.protobuf.message import DecodeError

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.proto.inference import open_inference_pb2
from edgeocr.server.grpc.interceptors.message_size import non_payload_bytes

PAGES = [ocr_pb2.PageRange(first=number, last=number) for number in range(100)]


def beside(message, most_bytes=1 << 20):
    return non_payload_bytes(message.SerializeToString(), message.DESCRIPTOR, most_bytes)


def bytes_of(size_bytes):
    image = ocr_pb2.Image(encoded=bytes(size_bytes))
    raw = ocr_pb2.Image(raw=ocr_pb2.RawPixels(data=bytes(size_bytes)))
    tensors = open_inference_pb2.ModelInferRequest(model_name="edgeocr", raw_input_contents=[bytes(size_bytes)] * 2)
    typed = open_inference_pb2.ModelInferRequest()
    typed.inputs.add(name="image", shape=[2]).contents.bytes_contents.extend([bytes(size_bytes)] * 2)
    return [
        ocr_pb2.RecognizeRequest(image=image, timeout_seconds=1.5),
        ocr_pb2.RecognizeRequest(image=raw),
        ocr_pb2.RecognizeStreamRequest(image=ocr_pb2.StreamImage(id="a", image=image, more=True)),
        ocr_pb2.RecognizeStreamRequest(chunk=ocr_pb2.ImageChunk(data=bytes(size_bytes), last=True)),
        tensors,
        typed,
    ]


@pytest.mark.parametrize("place", range(6))
def test_images_are_not_counted_however_they_are_sent(place):
    small, large = (bytes_of(size_bytes)[place] for size_bytes in (1000, 900_000))
    assert beside(small) < 60
    # Lengths of more digits.
    assert beside(large) - beside(small) < 10


def test_all_else_is_counted_to_the_byte():
    options = ocr_pb2.RecognizeOptions(document=ocr_pb2.DocumentOptions(pages=PAGES, password="secret"))
    message = ocr_pb2.RecognizeRequest(options=options)
    assert beside(message) == message.ByteSize()
    message.image.encoded = bytes(100)
    assert beside(message) == message.ByteSize() - 100


def test_fields_of_any_kind_that_nobody_knows_are_counted():
    varint, eight, text, four = b"\xf8\x3f\x05", b"\xf9\x3f" + bytes(8), b"\xfa\x3f\x03abc", b"\xfd\x3f" + bytes(4)
    data = varint + eight + text + four + b"\xfb\x3f" + varint + b"\xfc\x3f"
    ocr_pb2.RecognizeRequest.FromString(data)
    assert non_payload_bytes(data, ocr_pb2.RecognizeRequest.DESCRIPTOR, 1000) == len(data)


def test_counting_ends_soon_after_there_are_too_many():
    message = ocr_pb2.RecognizeRequest(options=ocr_pb2.RecognizeOptions(document=ocr_pb2.DocumentOptions(pages=PAGES)))
    assert 50 < beside(message, 50) < 60


@pytest.mark.parametrize("data", [b"\xff", b"\xff" * 20, b"\x0a", b"\x0a\xff\xff\xff\xff\x7f"])
def test_damage_is_left_to_the_parser(data):
    with pytest.raises(DecodeError):
        ocr_pb2.RecognizeRequest.FromString(data)
    assert non_payload_bytes(data, ocr_pb2.RecognizeRequest.DESCRIPTOR, 1000) <= len(data)
