"""What every kind of body yields."""

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
"""Files with the options that hold for them; what nobody takes is let go of when it is closed."""
