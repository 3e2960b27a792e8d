"""Incremental parsing of multipart forms with files."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from edgeocr.model.errors import InvalidInput
from edgeocr.server.http.bodies.uploads import UploadedFile
from edgeocr.server.memory.upload import Upload

FILE_FIELD = "image"
_MOST_FIELD_BYTES = 4096
_MOST_FIELDS = 32
_MOST_NAME_CHARACTERS = 255


@dataclass(slots=True)
class _Part:
    """The part being received: a file, or the text of a field."""

    field: str
    file: UploadedFile | None
    text: bytes = b""


class Form:
    """Parses a form's bytes into fields and files."""

    def __init__(self, content_type: str, begin: Callable[[], Upload]) -> None:
        """Takes the header with the boundary, and a function that begins an upload.

        Raises:
            InvalidInput: the header has no boundary.
        """
        boundary = parse_options_header(content_type)[1].get("boundary")
        if not boundary:
            raise InvalidInput("Content-Type: multipart/form-data needs its boundary")
        try:
            self._parser = PushMultipartParser(boundary)
        except MultipartError as error:
            raise InvalidInput(f"Content-Type: the boundary is invalid: {error}") from None
        self.fields: dict[str, str] = {}
        self.files: deque[UploadedFile] = deque()
        self._begin = begin
        self._has_files = False
        self._part: _Part | None = None

    @property
    def coming(self) -> Upload | None:
        """The file being received, if any."""
        return None if self._part is None or self._part.file is None else self._part.file.upload

    @property
    def coming_bytes(self) -> int:
        """Bytes received of that file."""
        return 0 if self.coming is None else self.coming.size_bytes

    @property
    def held_bytes(self) -> int:
        """Bytes of files that have not been taken."""
        return self.coming_bytes + sum(file.upload.size_bytes for file in self.files)

    def feed(self, data: bytes) -> None:
        """Parses the next bytes, which are accounted for; data after the last boundary is ignored.

        Raises:
            InvalidInput: the form is malformed, or has unknown fields.
            TooLarge: a file is too large.
        """
        # The parser takes empty data for the end.
        if not data:
            return
        try:
            for event in self._parser.parse(data):
                if isinstance(event, MultipartSegment):
                    self._part = self._opened(event)
                elif event is None:
                    self._close_part()
                else:
                    self._take(event)
        except MultipartError:
            raise InvalidInput("body: is not multipart/form-data") from None

    def finish(self) -> None:
        """Ends the form; raises InvalidInput if it is incomplete."""
        try:
            self._parser.close()
        except MultipartError:
            raise InvalidInput("body: the form ended before its last boundary") from None

    def _opened(self, segment: MultipartSegment) -> _Part:
        field = segment.name or ""
        if field == FILE_FIELD:
            self._has_files = True
            return _Part(field, UploadedFile(_file_name(segment.filename or ""), self._begin()))
        if segment.filename is not None:
            raise InvalidInput(f"{field[:64]}: files are sent in the field {FILE_FIELD}")
        if self._has_files:
            raise InvalidInput(f"{field[:64]}: fields must come before the images that they apply to, or in the query")
        if len(self.fields) >= _MOST_FIELDS:
            raise InvalidInput(f"body: a form may have {_MOST_FIELDS} fields besides its images")
        return _Part(field, None)

    def _take(self, data: bytes) -> None:
        part = self._part
        assert part is not None, "data comes after its part's headers"
        if part.file is not None:
            part.file.upload.add(data)
            return
        part.text += data
        if len(part.text) > _MOST_FIELD_BYTES:
            raise InvalidInput(f"{part.field[:64]}: a field may have {_MOST_FIELD_BYTES} bytes")

    def _close_part(self) -> None:
        part = self._part
        assert part is not None, "its headers came first"
        if part.file is None:
            self.fields[part.field] = part.text.decode("utf-8", "replace")
        else:
            self.files.append(part.file)
        self._part = None


def _file_name(sent: str) -> str:
    """The name without folders, which only describe the sender's machine."""
    return PurePosixPath(sent.replace("\\", "/")).name[:_MOST_NAME_CHARACTERS]
