"""Selects the parser for a request's body, and yields its images, each as soon as it is complete.

Received data is accounted for in the memory budget; a body that is too large is refused before it has arrived.
"""

from starlette.requests import Request

from edgeocr.server.errors import UnsupportedMedia
from edgeocr.server.http.bodies.form import from_form
from edgeocr.server.http.bodies.json_body import from_json
from edgeocr.server.http.bodies.raw import RAW_TYPES, from_raw
from edgeocr.server.http.bodies.uploads import Images
from edgeocr.server.http.options import QueryOptions
from edgeocr.server.scheduling.admission import Admission

_FORM, _JSON = "multipart/form-data", "application/json"
_TYPES = f"{_FORM}, {_JSON}, {', '.join(RAW_TYPES)}"


def images_of(request: Request, given: QueryOptions, admission: Admission, caller: str) -> Images:
    """Yields images with their options; images that are not taken are released when the iterator is closed.

    Raises:
        UnsupportedMedia: the body's type is not supported.
    """
    if request.headers.get("content-encoding", "identity") != "identity":
        raise UnsupportedMedia("Content-Encoding: encoded bodies are not supported")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _FORM:
        return from_form(request, given, admission, caller)
    if kind == _JSON:
        return from_json(request, given, admission, caller)
    if kind in RAW_TYPES:
        return from_raw(request, given, admission, caller)
    raise UnsupportedMedia(f"Content-Type: {kind[:64] or 'missing'}, known are {_TYPES}")
