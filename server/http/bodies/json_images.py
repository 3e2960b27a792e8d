"""JSON bodies (RFC 8259) whose images are decoded in place, piece by piece, so that memory holds one copy of the body.

A JSON parser would add a copy as text, and base64 with whitespace between its characters would become a list of these.
"""

import binascii
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from edgeocr.model.errors import InvalidInput
from edgeocr.server.http.bodies.multipart import FILE_FIELD

_MOST_MARKS = 8192
"""Maximum number of separators of values: parsed, small values take dozens of times their size."""
_MOST_QUOTES = 4 * _MOST_MARKS
_MOST_BESIDE_BYTES = 1 << 20
"""Maximum bytes besides long texts, which are the images."""
_LONG_BYTES = 512
_MOST_OPTION_BYTES = 16 * 1024
"""Longer texts are not values of options."""
_PIECE_BYTES = 256 * 1024
_WINDOW_BYTES = 4096
_ESCAPE_BYTES = len(rb"\u0000")
_BLANK = b" \t\r\n"
_NOT_JSON = "body: is not JSON"
_NOT_BASE64 = "is neither base64 nor a data: URL of it"


@dataclass(frozen=True, slots=True)
class Base64:
    """An image in a body that is not decoded yet.

    Attributes:
        body: the whole body.
        first: the offset of its text.
        end: the offset after its text.
        name: its name in errors.
    """

    body: bytes
    first: int
    end: int
    name: str

    @property
    def most_bytes(self) -> int:
        """Upper bound of the decoded size."""
        return (self.end - self.first) * 3 // 4

    def pieces(self) -> Iterator[bytes]:
        """Yields the image's bytes, some hundred kilobytes at a time.

        Raises:
            InvalidInput: it is neither base64, with or without whitespace, nor a data: URL of it.
        """
        body, start = self.body, self.first
        left, ended = b"", False
        try:
            if body.startswith(b"data:", start, self.end):
                start = body.index(b",", start, self.end) + 1
            while start < self.end:
                cut = self._piece_end(start)
                left += _unescaped(body[start:cut]).translate(None, _BLANK)
                whole, left = left[: len(left) & ~3], left[len(left) & ~3 :]
                if ended and (whole or left):
                    raise ValueError("something follows the end")
                ended = whole.endswith(b"=")
                yield binascii.a2b_base64(whole, strict_mode=True)
                start = cut
            if left:
                raise ValueError("a part of a group is missing")
        except ValueError:
            raise InvalidInput(f"{self.name}: {_NOT_BASE64}") from None

    def _piece_end(self, start: int) -> int:
        """The end of a piece, outside of escapes."""
        cut = start + _PIECE_BYTES
        if cut >= self.end:
            return self.end
        escape = self.body.rfind(b"\\", cut - _ESCAPE_BYTES + 1, cut)
        return cut if escape < 0 else escape


def _unescaped(text: bytes) -> bytes:
    """Decodes escapes in a part of a JSON text; raises ValueError if the result is not ASCII."""
    # Some encoders escape the slash, others plus and equals signs.
    return text if b"\\" not in text else str(json.loads(b'"%b"' % text)).encode("ascii")


@dataclass(frozen=True, slots=True)
class JsonBody:
    """A body's JSON object.

    Attributes:
        fields: its members, with placeholders for long texts, which stay in the body.
    """

    body: bytes
    fields: dict[str, object]
    _texts: dict[str, slice]

    def value(self, found: object) -> object:
        """A member's value, or the long text, such as a password, of a placeholder.

        Raises:
            InvalidInput: it is not a text.
        """
        text = self._texts.get(found) if isinstance(found, str) else None
        if text is None or text.stop - text.start > _MOST_OPTION_BYTES:
            return found
        try:
            return json.loads(self.body[text.start - 1 : text.stop + 1])
        except ValueError:
            raise InvalidInput(_NOT_JSON) from None

    def image(self, found: object, name: str) -> Base64:
        """The image of a placeholder.

        Raises:
            InvalidInput: it is not a text.
        """
        if not isinstance(found, str):
            raise InvalidInput(f"{name}: {_NOT_BASE64}")
        if (text := self._texts.get(found)) is not None:
            return Base64(self.body, text.start, text.stop, name)
        short = json.dumps(found).encode()
        return Base64(short, 1, len(short) - 1, name)


def parse(body: bytes) -> tuple[dict[str, object], list[Base64]]:
    """Parses a body's object into options and images.

    Raises:
        InvalidInput: it is not a JSON object, exceeds a limit, or has no images.
    """
    parsed = parse_object(body)
    sent = parsed.fields.pop(FILE_FIELD, None)
    images = [sent] if isinstance(sent, str) else sent
    if not isinstance(images, list) or not images:
        raise InvalidInput(f"{FILE_FIELD}: must be an image in base64, or a list of images")
    options = {key: parsed.value(value) for key, value in parsed.fields.items()}
    return options, [parsed.image(image, f"{FILE_FIELD}[{place}]") for place, image in enumerate(images)]


def parse_object(body: bytes) -> JsonBody:
    """Parses a body's object; long texts stay in the body.

    Raises:
        InvalidInput: it is not a JSON object, or exceeds a limit.
    """
    # Placeholders are random, so that a body cannot contain one.
    mark = secrets.token_hex(8)
    texts, rest = _separated(body, mark)
    if sum(map(rest.count, ",:[{")) > _MOST_MARKS:
        raise InvalidInput(f"body: may have {_MOST_MARKS} commas, colons and brackets")
    try:
        fields = json.loads(rest)
    except (ValueError, RecursionError):
        raise InvalidInput(_NOT_JSON) from None
    if not isinstance(fields, dict):
        raise InvalidInput("body: must be a JSON object")
    return JsonBody(body, fields, texts)


def _separated(body: bytes, mark: str) -> tuple[dict[str, slice], str]:
    """The offsets of a body's long texts by placeholder, and the body with placeholders."""
    texts: dict[str, slice] = {}
    rest: list[bytes] = []
    beside_bytes = kept_to = quotes = 0
    begin = place = -1
    while (place := body.find(b'"', place + 1)) >= 0:
        quotes += 1
        if quotes > _MOST_QUOTES:
            raise InvalidInput(f"body: may have {_MOST_QUOTES} quotes")
        if begin < 0:
            begin = place + 1
        elif _backslashes(body, begin, place) % 2 == 0:
            if place - begin > _LONG_BYTES:
                name = f"{mark}-{len(texts)}"
                texts[name] = slice(begin, place)
                rest += body[kept_to:begin], name.encode()
                beside_bytes += begin - kept_to
                kept_to = place
            begin = -1
    if beside_bytes + len(body) - kept_to > _MOST_BESIDE_BYTES:
        raise InvalidInput(f"body: may have {_MOST_BESIDE_BYTES} bytes besides its images")
    rest.append(body[kept_to:])
    try:
        return texts, b"".join(rest).decode()
    except UnicodeDecodeError:
        raise InvalidInput(_NOT_JSON) from None


def _backslashes(body: bytes, begin: int, end: int) -> int:
    """The number of backslashes immediately before an offset, from another offset on."""
    count = 0
    while count < end - begin:
        window = body[max(begin, end - count - _WINDOW_BYTES) : end - count]
        run = len(window) - len(window.rstrip(b"\\"))
        count += run
        if run < len(window):
            break
    return count
