"""Where an image comes from."""

import itertools
from dataclasses import dataclass, field

from edgeocr.server.access_log.record import CallRecord

_NUMBERS = itertools.count()


@dataclass(frozen=True, slots=True)
class Sender:
    """A caller, one of its streams, its name for the image, for the log, and the record of the call.

    Callers take turns, and so do the streams of one. A call that names no stream is one by itself: an image that waits
    for memory, or for a decoder process, keeps none of another call waiting.
    """

    caller: str
    stream: str = field(default_factory=lambda: f"call {next(_NUMBERS)}")
    image: str = ""
    record: CallRecord = field(default_factory=CallRecord)
