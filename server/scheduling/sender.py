"""The origin of images."""

import itertools
from dataclasses import dataclass, field

from edgeocr.server.access_log.record import CallRecord

_NUMBERS = itertools.count()


@dataclass(frozen=True, slots=True)
class Sender:
    """A caller, its stream, and the call's access log entry.

    Callers take turns, as do their streams. By default each call is its own stream, so that an image that waits for
    memory or a decoder process does not delay those of other calls.
    """

    caller: str
    stream: str = field(default_factory=lambda: f"call {next(_NUMBERS)}")
    record: CallRecord = field(default_factory=CallRecord)
