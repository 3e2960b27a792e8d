"""Bearer tokens from a file. Only their hashes are kept in memory."""

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
"""RFC 6750's alphabet, with a minimum length against guessing."""
_NAME = re.compile(rb"[A-Za-z0-9._@:-]{1,64}")
"""Names are logged, so nothing that could be a token is a name."""


class Tokens:
    """A set of tokens, each with an optional caller's name."""

    def __init__(self, tokens: Iterable[tuple[str, bytes]]) -> None:
        """Takes pairs of name (empty for none) and token."""
        self._digests = [(name, sha256(token).digest()) for name, token in tokens]

    def __len__(self) -> int:
        return len(self._digests)

    def has(self, token: bytes) -> bool:
        """Whether the token is known; runs in constant time."""
        return self.caller(token) is not None

    def caller(self, token: bytes) -> str | None:
        """The caller's name, or else a prefix of the token's hash; None if it is unknown. Runs in constant time."""
        digest = sha256(token).digest()
        found = None
        for name, known in self._digests:
            if hmac.compare_digest(known, digest):
                found = name or digest.hex()[:_HASH_CHARACTERS]
        return found


def carried_token(authorizations: Sequence[object]) -> bytes | None:
    """The token in a call's `authorization: Bearer …`; None if there is none, or more than one."""
    if len(authorizations) != 1 or not isinstance(given := authorizations[0], str):
        return None
    if given[: len(_SCHEME)].lower() != _SCHEME:
        return None
    return given[len(_SCHEME) :].strip().encode()


def watch_tokens(path: Path) -> WatchedFiles[Tokens]:
    """Loads tokens from a file, and again when it changes: one per line, optionally after the caller's name.

    Empty lines and lines that begin with # are ignored.

    If the file becomes empty while the server runs, all calls are refused.

    Raises:
        StartError: the file cannot be read, has an invalid line, or has no token.
    """
    watched = WatchedFiles(_SETTING, [path], lambda: _load(path))
    if not watched.current():
        raise StartError(f"{_SETTING}: {path}: has no token, so no call would be accepted")
    return watched


def _load(path: Path) -> Tokens:
    found = []
    for number, line in enumerate(read_file(_SETTING, path, secret=True).splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith(b"#"):
            continue
        *names, token = words
        if len(names) > 1 or not all(map(_is_name, names)) or not _TOKEN.fullmatch(token):
            # The line is not logged: it may be a mistyped token.
            raise StartError(
                f"{_SETTING}: {path}: line {number} is not a token, which has 16 to 512 letters, digits or -._~+/; "
                "its caller's name before it has letters, digits or -._@:, and from 16 on one of @:"
            )
        found.append((b"".join(names).decode(), token))
    return Tokens(found)


def _is_name(word: bytes) -> bool:
    return _NAME.fullmatch(word) is not None and _TOKEN.fullmatch(word) is None
