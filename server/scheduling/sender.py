"""Where an image comes from."""

from dataclasses import dataclass, field

from edgeocr.server.access_log.record import CallRecord


@dataclass(frozen=True, slots=True)
class Sender:
    """A caller, one of its streams, its name for the image, for the log, and the record of the call.

    Callers take turns, and so do the streams of one.
    """

    caller: str
    stream: str = ""
    image: str = ""
    record: CallRecord = field(default_factory=CallRecord)
