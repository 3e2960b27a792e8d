"""Opens the files of one job in decoder processes, without blocking a worker for long.

A worker waits for a moment. After that `Waiting` is raised, and the worker puts the job aside and does other work. Once
there is an answer, the worker that then has the job repeats the request and receives it.
"""

import time
from collections.abc import Callable

from edgeocr.model.errors import Limit
from edgeocr.model.files.contents import Contents
from edgeocr.model.files.opening.decoder import Decoded, Patches
from edgeocr.model.files.opening.requests import Request
from edgeocr.server.decoder.decoding import Decoding, Displaced
from edgeocr.server.decoder.pool import DecoderPool
from edgeocr.server.errors import TooSlow

_PATIENCE_SECONDS = 1.0
"""How long a worker waits; ordinary pages are drawn in a fifth of that."""
_FAIR_SECONDS, _MOST_DISPLACEMENTS = 1.0, 2
"""Fair time for a file while all processes are busy; it doubles, then triples, with each attempt."""
_BEHIND_SECONDS = 5.0
"""How long a displaced file lets others go first."""


class Waiting(Exception):
    """There is no answer yet; the job should be put aside."""


class JobDecoder:
    """A FileDecoder; for one thread at a time."""

    def __init__(
        self,
        pool: DecoderPool,
        caller: str,
        stream: str,
        check: Callable[[], None],
        memory_bytes: Callable[[], int],
    ) -> None:
        """Takes the job's caller, a check that may end it, and a function for the memory that a request may take
        now."""
        self._pool = pool
        self._caller = caller
        self._stream = stream
        self._check = check
        self._memory_bytes = memory_bytes
        self._decoding: Decoding | None = None
        self._wants_process = False
        self._displacements = 0
        self._behind_until = 0.0

    def decode(self, request: Request, data: Contents, patches: Patches = ()) -> Decoded:
        """Runs a request on a file.

        Raises:
            EdgeOcrError: the file cannot be opened, exceeds a limit, or no one waits for it any more.
            Waiting: this takes longer; the same request must be repeated once `is_waiting` is false.
        """
        if self._decoding is None:
            fair_seconds = _FAIR_SECONDS * (1 + self._displacements)
            self._decoding = self._pool.begin(
                self._caller,
                self._stream,
                request,
                data,
                patches,
                memory_bytes=self._memory_bytes(),
                fair_seconds=fair_seconds,
                gives_way=self._gives_way,
            )
        self._wants_process = self._decoding is None
        if self._decoding is None or not self._decoding.wait(_PATIENCE_SECONDS, self._check):
            raise Waiting
        decoding, self._decoding = self._decoding, None
        try:
            return decoding.result()
        except Displaced as displaced:
            self._displacements += 1
            self._behind_until = time.monotonic() + _BEHIND_SECONDS
            if self._displacements > _MOST_DISPLACEMENTS:
                raise TooSlow(
                    f"page: opening it takes longer than {displaced.seconds:.1f} s while others wait (decode_seconds)",
                    Limit("decode_seconds", self._pool.seconds, round(displaced.seconds, 3)),
                ) from None
            self._wants_process = True
            raise Waiting from None

    @property
    def is_at_work(self) -> bool:
        """Whether a process works on the job, and uses its memory."""
        return self._decoding is not None

    @property
    def is_asked(self) -> bool:
        """Whether the job waits for an answer or for a free process."""
        return self._decoding is not None or self._wants_process

    def is_waiting(self) -> bool:
        """Whether repeating the request would be useless now."""
        if self._decoding is not None:
            return not self._decoding.is_done()
        return self._wants_process and not self._pool.has_room(self._caller, self._stream, gives_way=self._gives_way)

    @property
    def _gives_way(self) -> bool:
        return time.monotonic() < self._behind_until

    def close(self) -> None:
        """Ends the request, if any; may be called again."""
        decoding, self._decoding = self._decoding, None
        if decoding is not None:
            decoding.abandon()
