"""Bearer tokens: who has one of a file's may ask. Memory holds their hashes only."""

import hmac
import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from edgeocr.server.access.watched_files import WatchedFiles, read_file
from edgeocr.server.errors import StartError

_SETTING = "tokens"
_SCHEME = "bearer "
_TOKEN = re.compile(rb"[A-Za-z0-9\-._~+/]{16,512}=*")
"""RFC 6750's alphabet, and long enough not to be guessed."""


class Tokens:
    """A set of tokens."""

    def __init__(self, tokens: Iterable[bytes]) -> None:
        self._digests = [sha256(token).digest() for token in tokens]

    def __len__(self) -> int:
        return len(self._digests)

    def has(self, token: bytes) -> bool:
        """Whether this is one of them; takes the same time whichever it is, and if it is none."""
        digest = sha256(token).digest()
        found = False
        for known in self._digests:
            found |= hmac.compare_digest(known, digest)
        return found


def carried_token(authorizations: Sequence[object]) -> bytes | None:
    """The token that a call's `authorization: Bearer …` carries; None if it has none, or several."""
    if len(authorizations) != 1 or not isinstance(given := authorizations[0], str):
        return None
    if given[: len(_SCHEME)].lower() != _SCHEME:
        return None
    return given[len(_SCHEME) :].strip().encode()


def watch_tokens(path: Path) -> WatchedFiles[Tokens]:
    """The tokens of a file, one a line; empty lines and those that begin with # are left out.

    A file that is emptied while the server runs lets nobody in.

    Raises:
        StartError: it cannot be read, has a line that is no token, or has none at all.
    """
    watched = WatchedFiles(_SETTING, [path], lambda: _load(path))
    if not watched.current():
        raise StartError(f"{_SETTING}: {path}: has no token, so that nobody could ask")
    return watched


def _load(path: Path) -> Tokens:
    found = []
    for number, line in enumerate(read_file(_SETTING, path, secret=True).splitlines(), 1):
        token = line.strip()
        if not token or token.startswith(b"#"):
            continue
        if not _TOKEN.fullmatch(token):
            # Its text stays out of the log: it may be a token all but for a slip.
            raise StartError(
                f"{_SETTING}: {path}: line {number} is no token: 16 to 512 letters, digits or -._~+/ make one"
            )
        found.append(token)
    return Tokens(found)
