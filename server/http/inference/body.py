"""Reads a request's body: its options, and its images, each as soon as it is complete."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from starlette.requests import Request

from edgeocr.model.errors import InvalidInput
from edgeocr.server.errors import UnsupportedMedia
from edgeocr.server.http.bodies.chunks import announced_bytes
from edgeocr.server.http.bodies.json_body import decoded, whole
from edgeocr.server.http.bodies.parts import files_of
from edgeocr.server.http.bodies.uploads import UploadedFile
from edgeocr.server.http.inference.elements import Elements
from edgeocr.server.http.inference.parsed_request import ParsedRequest, parse_request
from edgeocr.server.inference.model import InferenceModel
from edgeocr.server.memory.reservation import Use
from edgeocr.server.scheduling.admission import Admission

HEADER_LENGTH = "Inference-Header-Content-Length"
"""The header with the number of JSON bytes; without it, the whole body is JSON."""
_MOST_DIGITS = 18
"""Maximum digits of that number; Python limits conversions to some thousand."""


class InferenceBody:
    """A request's body.

    Attributes:
        parsed: the options; known with the first image.
    """

    def __init__(self, request: Request, admission: Admission, caller: str, model: InferenceModel) -> None:
        self.parsed: ParsedRequest | None = None
        self._request = request
        self._admission = admission
        self._caller = caller
        self._model = model

    async def images(self) -> AsyncGenerator[UploadedFile, None]:
        """Yields the images; images that are not taken are released when the iterator is closed.

        Raises:
            EdgeOcrError: the body is invalid, or does not arrive.
        """
        headers = self._request.headers
        if headers.get("content-encoding", "identity") != "identity":
            raise UnsupportedMedia("Content-Encoding: encoded bodies are not supported")
        length = headers.get(HEADER_LENGTH, "")
        if length and not (length.isascii() and length.isdecimal() and len(length) <= _MOST_DIGITS):
            raise InvalidInput(f"{HEADER_LENGTH}: must be a number of bytes")
        announced = announced_bytes(self._request)
        is_json = not length or int(length) == announced
        images = self._in_json() if is_json else self._behind_json(int(length), announced)
        async with aclosing(images):
            async for image in images:
                yield image

    async def _in_json(self) -> AsyncGenerator[UploadedFile, None]:
        body = await whole(self._request, self._admission, self._caller)
        with self._admission.budget.hold(Use.ARRIVING, len(body)):
            self.parsed = parse_request(body, self._model)
            if self.parsed.binary_bytes is not None:
                raise InvalidInput(f"{HEADER_LENGTH}: must say where the JSON ends, since there is a binary_data_size")
            async with aclosing(decoded(self.parsed.images, self._admission, self._caller)) as images:
                async for image in images:
                    yield image

    async def _behind_json(self, length: int, announced: int) -> AsyncGenerator[UploadedFile, None]:
        with self._admission.coming(self._caller, announced) as held:
            read = partial(parse_request, model=self._model)
            elements = Elements(length, read, lambda: self._admission.upload(held))
            async with aclosing(files_of(self._request, held, elements, self._admission.upload_timeout())) as images:
                async for image in images:
                    self.parsed = elements.parsed
                    yield image
