"""Images on their way into memory: off the event loop, and with every failure an OcrError of that image.

What the transport would not take is refused here, since a message that is too large would end the whole stream.
"""

import asyncio
import os

import grpc

from edgeocr.client.errors import OcrError
from edgeocr.client.images import ImageSource, make_image
from edgeocr.proto.edgeocr.v1 import ocr_pb2

ENVELOPE_BYTES = 256
"""What an image's id, deadline and field tags may add to its message, generously."""

_PROTOBUF_BYTES = 2**31 - 1


async def load(source: ImageSource) -> ocr_pb2.Image:
    """Makes an Image without holding up the event loop; raises what `make_image` raises."""
    if isinstance(source, bytes | ocr_pb2.Image):
        return make_image(source)
    return await asyncio.to_thread(make_image, source)


async def load_within(source: ImageSource | OcrError, limits: ocr_pb2.Limits) -> ocr_pb2.Image:
    """Makes an Image that fits into a message or, if it is a file, may go in chunks; limits that are 0 are not known.

    Raises:
        OcrError: NOT_FOUND, PERMISSION_DENIED or INVALID_ARGUMENT if the source gives no image, RESOURCE_EXHAUSTED if
            it is too large, or the source itself where that is an OcrError.
    """
    if isinstance(source, OcrError):
        raise source
    most_bytes = min(limits.message_bytes or _PROTOBUF_BYTES, _PROTOBUF_BYTES) - ENVELOPE_BYTES
    message, file = (most_bytes, "message_bytes"), (max(most_bytes, limits.file_bytes), "file_bytes")
    if file[0] == most_bytes:
        file = message
    try:
        if isinstance(source, str | os.PathLike):
            _check_size(os.stat(source).st_size, *file)
        image = await load(source)
    except FileNotFoundError as error:
        raise OcrError(grpc.StatusCode.NOT_FOUND, _describe(error)) from error
    except PermissionError as error:
        raise OcrError(grpc.StatusCode.PERMISSION_DENIED, _describe(error)) from error
    except OSError as error:
        raise OcrError(grpc.StatusCode.INVALID_ARGUMENT, _describe(error)) from error
    except (TypeError, ValueError) as error:
        raise OcrError(grpc.StatusCode.INVALID_ARGUMENT, f"image: {error}") from error
    _check_size(image.ByteSize(), *(file if image.HasField("encoded") else message))
    return image


def _check_size(size_bytes: int, limit_bytes: int, limit: str) -> None:
    if size_bytes > limit_bytes:
        raise OcrError(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            f"image: {size_bytes} bytes, but the server takes at most {limit_bytes} (limit {limit})",
        )


def _describe(error: OSError) -> str:
    return f"{error.strerror}: {error.filename}" if error.filename else str(error)
