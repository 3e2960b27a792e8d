"""Large files are sent in several messages of a stream: a server has room for a part sooner than for the whole."""

from collections.abc import Iterator

from edgeocr.client.streaming.loading import ENVELOPE_BYTES
from edgeocr.proto.edgeocr.v1 import ocr_pb2

_CHUNK_BYTES = 1 << 20
_LARGE_BYTES = 2 * _CHUNK_BYTES
"""Smaller files are sent in one message, if the server accepts one of that size."""


def needs_chunks(image: ocr_pb2.Image, limits: ocr_pb2.Limits) -> bool:
    """Whether an image is a file that is too large for one message; limits of 0 are unknown."""
    most_bytes = min(_LARGE_BYTES, limits.image_bytes, limits.message_bytes - ENVELOPE_BYTES)
    return bool(limits.file_bytes) and len(image.encoded) > most_bytes


def in_messages(
    request: ocr_pb2.RecognizeStreamRequest, limits: ocr_pb2.Limits
) -> Iterator[ocr_pb2.RecognizeStreamRequest]:
    """The request itself, or its file in chunks if necessary."""
    data = request.image.image.encoded
    if not needs_chunks(request.image.image, limits):
        yield request
        return
    first = ocr_pb2.RecognizeStreamRequest(image=ocr_pb2.StreamImage(id=request.image.id, more=True))
    first.image.image.encoded = b""
    first.image.timeout_seconds = request.image.timeout_seconds
    if request.image.HasField("document"):
        first.image.document.CopyFrom(request.image.document)
    yield first
    for begin in range(0, len(data), _CHUNK_BYTES):
        end = begin + _CHUNK_BYTES
        chunk = ocr_pb2.ImageChunk(data=data[begin:end], last=end >= len(data))
        yield ocr_pb2.RecognizeStreamRequest(chunk=chunk)
