"""Images as clients send them: a file, and a message with a file or with pixels."""

from google.protobuf.message import DecodeError

from edgeocr.model.errors import EdgeOcrError
from edgeocr.model.files.image import EncodedImage, ImageSource, RawImage, decode, inspect
from edgeocr.model.options import Mode
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.grpc.interceptors.message_size import non_payload_bytes
from edgeocr.server.grpc.messages import convert
from tests.checks.fuzz.harness import LIMITS, check_error


def image(data: bytes) -> None:
    """A file: its header, then its pixels."""
    _read(EncodedImage(data), Mode.LINE if len(data) % 2 else Mode.PAGE)


def request(data: bytes) -> None:
    """A serialised RecognizeRequest."""
    beside_bytes = non_payload_bytes(data, ocr_pb2.RecognizeRequest.DESCRIPTOR, len(data))
    try:
        message = ocr_pb2.RecognizeRequest.FromString(data)
    except DecodeError:
        return
    assert beside_bytes <= len(data), beside_bytes
    try:
        options, source = convert.job_options(message.options, "options"), convert.image_source(message.image)
    except EdgeOcrError as error:
        check_error(error)
        return
    _read(source, options.mode)


def _read(source: ImageSource, mode: Mode) -> None:
    try:
        header = inspect(source, mode, LIMITS)
        pixels = decode(source).pixels
    except EdgeOcrError as error:
        check_error(error)
        return
    assert (pixels.dtype.name, *pixels.shape[2:]) == ("uint8", 3), pixels.shape
    sides, width, height = [pixels.shape[1], pixels.shape[0]], header.width, header.height
    # EXIF may have turned a file's pixels.
    assert sides == [width, height] or (isinstance(source, EncodedImage) and sides == [height, width]), sides
    assert isinstance(source, RawImage) or width * height <= LIMITS.image_pixels
