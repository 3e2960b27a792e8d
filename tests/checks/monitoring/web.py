"""Work that comes over HTTP."""

import time
import urllib.error
import urllib.request
from collections.abc import Sequence

_TIMEOUT_SECONDS = 30.0


def post(url: str, data: bytes, query: str = "mode=line") -> int:
    """Has a PNG file read; the answer's status."""
    request = urllib.request.Request(f"{url}/api/ocr?{query}", data, {"Content-Type": "image/png"})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
            answer.read()
            status: int = answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    return status


def work(url: str, lines: Sequence[bytes], pages: Sequence[bytes], seconds: float) -> None:
    """For so long: lines in single calls, pages as events, and now and then what is no image."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for image in lines:
            post(url, image)
        for image in pages:
            post(url, image, "stream=1")
        post(url, b"no image")
