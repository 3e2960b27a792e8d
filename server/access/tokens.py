"""Bearer tokens: who has one of a file's may ask. Memory holds their hashes only."""

import hmac
import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from edgeocr.server.access.watched_files import WatchedFiles, read_file
from edgeocr.server.errors import StartError

_SETTING = "tokens"
_HASH_CHARACTERS = 16
_SCHEME = "bearer "
_TOKEN = re.compile(rb"[A-Za-z0-9\-._~+/]{16,512}=*")
"""RFC 6750's alphabet, and long enough not to be guessed."""
_NAME = re.compile(rb"[A-Za-z0-9._@:-]{1,64}")
"""What could be a token is no name: names are logged."""


class Tokens:
    """A set of tokens, each of which has the name of a caller, or none."""

    def __init__(self, tokens: Iterable[tuple[str, bytes]]) -> None:
        """Takes names, empty for none, and tokens."""
        self._digests = [(name, sha256(token).digest()) for name, token in tokens]

    def __len__(self) -> int:
        return len(self._digests)

    def has(self, token: bytes) -> bool:
        """Whether this is one of them; takes the same time whichever it is, and if it is none."""
        return self.caller(token) is not None

    def caller(self, token: bytes) -> str | None:
        """Whose it is: the caller's name, or for lack of that the first of its hash; None if it is not known. Takes the
        same time whichever it is, and if it is none."""
        digest = sha256(token).digest()
        found = None
        for name, known in self._digests:
            if hmac.compare_digest(known, digest):
                found = name or digest.hex()[:_HASH_CHARACTERS]
        return found


def carried_token(authorizations: Sequence[object]) -> bytes | None:
    """The token that a call's `authorization: Bearer …` carries; None if it has none, or several."""
    if len(authorizations) != 1 or not isinstance(given := authorizations[0], str):
        return None
    if given[: len(_SCHEME)].lower() != _SCHEME:
        return None
    return given[len(_SCHEME) :].strip().encode()


def watch_tokens(path: Path) -> WatchedFiles[Tokens]:
    """The tokens of a file, one a line, each behind the name of its caller if that has one.

    Empty lines and those that begin with # are left out.

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
        words = line.split()
        if not words or words[0].startswith(b"#"):
            continue
        *names, token = words
        if len(names) > 1 or not all(map(_is_name, names)) or not _TOKEN.fullmatch(token):
            # Its text stays out of the log: it may be a token all but for a slip.
            raise StartError(
                f"{_SETTING}: {path}: line {number} is no token: 16 to 512 letters, digits or -._~+/ make one; "
                "its caller's name before it has letters, digits or -._@:, and from 16 on one of @:"
            )
        found.append((b"".join(names).decode(), token))
    return Tokens(found)


def _is_name(word: bytes) -> bool:
    return _NAME.fullmatch(word) is not None and _TOKEN.fullmatch(word) is None
