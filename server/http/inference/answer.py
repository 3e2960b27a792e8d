"""The answer as JSON, followed by outputs in raw form if requested."""

import json
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from edgeocr.server.http.inference.body import HEADER_LENGTH
from edgeocr.server.http.inference.parsed_request import ParsedRequest
from edgeocr.server.inference.outputs import BYTES, OUTPUTS, packed
from edgeocr.server.scheduling.events import Finished

_FRACTION_DIGITS = 6


def answer(results: Sequence[Finished], parsed: ParsedRequest, model: str, version: str) -> Response:
    """Makes the answer to a request whose images were read."""
    outputs: list[dict[str, Any]] = []
    raw: list[bytes] = []
    for name in parsed.outputs:
        datatype, value = OUTPUTS[name]
        values = [value(result.pages) for result in results]
        output: dict[str, Any] = {"name": name, "datatype": datatype, "shape": [len(values)]}
        if name in parsed.binary:
            raw.append(b"".join(packed(datatype, one) for one in values))
            output["parameters"] = {"binary_data_size": len(raw[-1])}
        elif datatype == BYTES:
            output["data"] = [one.decode() for one in values]
        else:
            output["data"] = [round(one, _FRACTION_DIGITS) for one in values]
        outputs.append(output)
    fields: dict[str, Any] = {"model_name": model, "model_version": version, "outputs": outputs}
    if parsed.id:
        fields["id"] = parsed.id
    body = json.dumps(fields, ensure_ascii=False).encode()
    headers = {"Cache-Control": "no-store"}
    if not raw:
        return Response(body, headers=headers, media_type="application/json")
    headers[HEADER_LENGTH] = str(len(body))
    return Response(b"".join([body, *raw]), headers=headers, media_type="application/octet-stream")
