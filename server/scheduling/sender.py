"""Who sends an image."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sender:
    """A caller, and one of its streams: callers take turns, and so do the streams of one."""

    caller: str
    stream: str = ""
