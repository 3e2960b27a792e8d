"""Loads images outside the event loop; every failure becomes an OcrError of that image.

Images that exceed the server's limits are refused here, since a message that is too large would end the whole stream.
"""

import asyncio
import os

import grpc

from edgeocr.client.errors import OcrError
from edgeocr.client.images import ImageSource, as_png, make_image
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.sources import ChannelOrder, path_of

ENVELOPE_BYTES = 256
"""Room in a message for an image's id, deadline and field tags."""

_BUDGET_FACTOR = 10
"""Bytes of memory budget that a server needs for each byte of a file."""
_PROTOBUF_BYTES = 2**31 - 1


async def load(source: ImageSource, channel_order: ChannelOrder) -> ocr_pb2.Image:
    """Makes an Image without blocking the event loop; raises what `make_image` raises."""
    if isinstance(source, bytes | ocr_pb2.Image):
        return make_image(source)
    return await asyncio.to_thread(make_image, source, channel_order=channel_order)


async def load_within(
    source: ImageSource | OcrError, limits: ocr_pb2.Limits, channel_order: ChannelOrder
) -> ocr_pb2.Image:
    """Makes an Image that fits into a message, or, if it is a file, into chunks; limits of 0 are unknown.

    Raises:
        OcrError: NOT_FOUND, PERMISSION_DENIED or INVALID_ARGUMENT if the source yields no image, RESOURCE_EXHAUSTED if
            it is too large, or the source itself if that is an OcrError.
    """
    if isinstance(source, OcrError):
        raise source
    try:
        if isinstance(source, str | os.PathLike):
            _check_size(path_of(source).stat().st_size, limits)
        image = await load(source, channel_order)
    except FileNotFoundError as error:
        raise OcrError(grpc.StatusCode.NOT_FOUND, _describe(error)) from error
    except PermissionError as error:
        raise OcrError(grpc.StatusCode.PERMISSION_DENIED, _describe(error)) from error
    except OSError as error:
        raise OcrError(grpc.StatusCode.INVALID_ARGUMENT, _describe(error)) from error
    except (TypeError, ValueError) as error:
        raise OcrError(grpc.StatusCode.INVALID_ARGUMENT, f"image: {error}") from error
    return await fitted(image, limits)


async def fitted(image: ocr_pb2.Image, limits: ocr_pb2.Limits) -> ocr_pb2.Image:
    """Converts pixels that are too large for a message to a PNG file, which can be sent in chunks.

    Raises:
        OcrError: RESOURCE_EXHAUSTED, the image is too large nevertheless; INVALID_ARGUMENT, it lacks pixels.
    """
    if image.HasField("raw") and image.ByteSize() > _message_bytes(limits):
        try:
            image = await asyncio.to_thread(as_png, image)
        except ValueError as error:
            raise OcrError(grpc.StatusCode.INVALID_ARGUMENT, f"image: {error}") from error
    _check_size(image.ByteSize(), limits)
    return image


def _message_bytes(limits: ocr_pb2.Limits) -> int:
    """Maximum size of an image in one message; limits of 0 are unknown."""
    most_bytes = min(limits.message_bytes or _PROTOBUF_BYTES, _PROTOBUF_BYTES) - ENVELOPE_BYTES
    return min(most_bytes, limits.image_bytes) if limits.image_bytes and limits.file_bytes else most_bytes


def _check_size(size_bytes: int, limits: ocr_pb2.Limits) -> None:
    most_bytes, limit = _message_bytes(limits), "message_bytes"
    if limits.file_bytes > most_bytes:
        most_bytes, limit = limits.file_bytes, "file_bytes"
    if size_bytes <= most_bytes:
        return
    advice = ""
    if limits.spool_bytes:
        advice = "; the settings --file-bytes and --spool-bytes of a server allow more"
    elif limits.memory_budget_bytes:
        needed_mebibytes = (limits.memory_budget_bytes + _BUDGET_FACTOR * (size_bytes - most_bytes)) >> 20
        advice = f"; a server that accepts it needs a memory budget of about {needed_mebibytes}MiB (--memory-budget)"
    raise OcrError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        f"image: {size_bytes} bytes, but the server accepts at most {most_bytes} (limit {limit}){advice}",
        limit=limit,
    )


def _describe(error: OSError) -> str:
    return f"{error.strerror}: {error.filename}" if error.filename else str(error)
