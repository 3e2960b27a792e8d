"""Opens files in a decoder process for programs that can block meanwhile."""

from edgeocr.model.files.contents import Contents
from edgeocr.model.files.opening.decoder import Decoded, Patches
from edgeocr.model.files.opening.requests import Request
from edgeocr.server.decoder.job_decoder import JobDecoder, Waiting
from edgeocr.server.decoder.pool import DecoderPool


class PatientDecoder:
    """A FileDecoder with one process; for one thread at a time."""

    def __init__(self, memory_bytes: int, seconds: float) -> None:
        """Takes the limits of a request."""
        self._memory_bytes = memory_bytes
        self._pool = DecoderPool(1, 2 * memory_bytes, seconds, lambda _: None)

    def decode(self, request: Request, data: Contents, patches: Patches = ()) -> Decoded:
        """Runs a request on a file, see `FileDecoder`."""
        asking = JobDecoder(self._pool, "", "", lambda: None, lambda: self._memory_bytes)
        try:
            while True:
                try:
                    return asking.decode(request, data, patches)
                except Waiting:
                    # `decode` has blocked for a while.
                    continue
        finally:
            asking.close()
