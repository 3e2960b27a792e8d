"""Identifiers of calls: the caller's request id, and the trace id."""

import random
import re

REQUEST_ID = "x-request-id"
TRACE_PARENT = "traceparent"
REQUEST_ID_CHARACTERS = 128
_PRINTABLE = re.compile(rf"[\x20-\x7e]{{1,{REQUEST_ID_CHARACTERS}}}")
_TRACE_PARENT = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_NO_TRACE = "0" * 32
_OWN_BYTES = 8
"""Of an id that tells calls apart, and is no secret."""


def request_id(given: object, trace_id: str) -> str:
    """The caller's request id, if it has 1 to 128 printable ASCII characters; else the trace id, else a new id."""
    if isinstance(given, str) and _PRINTABLE.fullmatch(given):
        return given
    return trace_id or random.randbytes(_OWN_BYTES).hex()


def trace_id(given: object) -> str:
    """The trace id of a `traceparent` header (W3C Trace Context, section 3.2); empty if it has none."""
    found = _TRACE_PARENT.fullmatch(given) if isinstance(given, str) else None
    return found[1] if found is not None and found[1] != _NO_TRACE else ""
