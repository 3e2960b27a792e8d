"""Where an image comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sender:
    """A caller, one of its streams, and its name for the image, for the log.

    Callers take turns, and so do the streams of one.
    """

    caller: str
    stream: str = ""
    image: str = ""
