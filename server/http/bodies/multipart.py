"""Forms with files in them, taken apart as they arrive."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from edgeocr.model.errors import InvalidInput
from edgeocr.server.http.bodies.uploads import UploadedFile
from edgeocr.server.memory.upload import Upload

FILE_FIELD = "image"
_MOST_FIELD_BYTES = 4096
_MOST_FIELDS = 32
_MOST_NAME_CHARACTERS = 255


@dataclass(slots=True)
class _Part:
    """What is coming just now: a file, or the text of a field."""

    field: str
    file: UploadedFile | None
    text: bytes = b""


class Form:
    """Takes a form's bytes; has its fields, and its files as they are whole."""

    def __init__(self, content_type: str, begin: Callable[[], Upload]) -> None:
        """Takes the header with the boundary, and what begins an upload.

        Raises:
            InvalidInput: there is no boundary.
        """
        boundary = parse_options_header(content_type)[1].get(b"boundary")
        if not boundary:
            raise InvalidInput("Content-Type: multipart/form-data needs its boundary")
        self.fields: dict[str, str] = {}
        self.files: deque[UploadedFile] = deque()
        self._begin = begin
        self._has_files = False
        self._part: _Part | None = None
        self._headers: dict[bytes, bytes] = {}
        self._header_name = self._header_value = b""
        self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._take_header_name,
                    "on_header_value": self._take_header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._open_part,
                    "on_part_data": self._take_data,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )
        except FormParserError:
            raise InvalidInput("Content-Type: the boundary is too long") from None

    @property
    def coming(self) -> Upload | None:
        """The file that is coming just now, if one is."""
        return None if self._part is None or self._part.file is None else self._part.file.upload

    @property
    def coming_bytes(self) -> int:
        """How much there is of it."""
        return 0 if self.coming is None else self.coming.size_bytes

    @property
    def held_bytes(self) -> int:
        """How much there is of files that nobody has taken."""
        return self.coming_bytes + sum(file.upload.size_bytes for file in self.files)

    def feed(self, data: bytes) -> None:
        """Takes the next bytes, for which there is room.

        Raises:
            InvalidInput: this is no form, or one with other fields.
            TooLarge: a file is too large.
        """
        try:
            self._parser.write(data)
        except FormParserError:
            raise InvalidInput("body: is no multipart/form-data") from None

    def finish(self) -> None:
        """Hears that no more bytes come; raises InvalidInput if the form is not whole."""
        if not self._ended:
            raise InvalidInput("body: the form ended before its last boundary")

    def _begin_part(self) -> None:
        self._headers = {}

    def _take_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _take_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _open_part(self) -> None:
        options = parse_options_header(self._headers.get(b"content-disposition"))[1]
        field = options.get(b"name", b"").decode("utf-8", "replace")
        file = None
        if field == FILE_FIELD:
            self._has_files = True
            file = UploadedFile(_file_name(options.get(b"filename", b"")), self._begin())
        elif b"filename" in options:
            raise InvalidInput(f"{field[:64]}: files are sent in the field {FILE_FIELD}")
        elif self._has_files:
            raise InvalidInput(f"{field[:64]}: fields come before the images that they are for, or in the query")
        elif len(self.fields) >= _MOST_FIELDS:
            raise InvalidInput(f"body: a form may have {_MOST_FIELDS} fields besides its images")
        self._part = _Part(field, file)

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        assert part is not None, "data comes after its part's headers"
        if part.file is not None:
            part.file.upload.add(data[start:end])
            return
        part.text += data[start:end]
        if len(part.text) > _MOST_FIELD_BYTES:
            raise InvalidInput(f"{part.field[:64]}: a field may have {_MOST_FIELD_BYTES} bytes")

    def _end_part(self) -> None:
        part = self._part
        assert part is not None, "data comes after its part's headers"
        if part.file is None:
            self.fields[part.field] = part.text.decode("utf-8", "replace")
        else:
            self.files.append(part.file)
        self._part = None

    def _end(self) -> None:
        self._ended = True


def _file_name(sent: bytes) -> str:
    """The name without folders, which describe the sender's machine only."""
    name = PurePosixPath(sent.decode("utf-8", "replace").replace("\\", "/")).name
    return name[:_MOST_NAME_CHARACTERS]
