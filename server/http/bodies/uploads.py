"""The files that every kind of body yields."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from edgeocr.server.http.options import Options
from edgeocr.server.memory.upload import Upload


@dataclass(slots=True)
class UploadedFile:
    """A complete file, still accounted for as an upload."""

    name: str
    upload: Upload


Images = AsyncGenerator[tuple[UploadedFile, Options], None]
"""Files with their options; files that are not taken are released when the iterator is closed."""
