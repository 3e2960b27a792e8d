"""The fuzzing targets: everything that parses bytes from clients.

A target takes bytes and returns, or raises for what must not happen: an exception other than the errors that clients
may see, an error that would be INTERNAL, or memory that is still reserved after the answer.
"""

import sys
from collections.abc import Callable

from tests.checks.fuzz.documents import document
from tests.checks.fuzz.images import image, request
from tests.checks.fuzz.inference import inference
from tests.checks.fuzz.opening import opening
from tests.checks.fuzz.streams import chunks, stream
from tests.checks.fuzz.web import http


def planted(data: bytes) -> None:
    """The control: a fault that only some inputs trigger."""
    if len(data) > 3 and data[0] == 0x42 and data[1] > 0x7F and data[2] < data[3]:
        raise ZeroDivisionError


TARGETS: dict[str, Callable[[bytes], None]] = {
    function.__name__: function
    for function in (image, request, stream, chunks, inference, document, opening, http, planted)
}

if sys.flags.optimize:
    raise RuntimeError("targets check with assert statements: do not run them with -O")
