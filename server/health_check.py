"""Whether the server of some settings is ready, asked at its metrics' address: there is no TLS there, and no token."""

import http.client
import time

from edgeocr.server.settings.setting_values import OFF

_LOOK_SECONDS = 0.2
_ANSWER_SECONDS = 5.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  # nothing is bound here
"""Where to ask a server that listens at all addresses."""


def why_not_ready(metrics: str, seconds: float) -> str:
    """Asks until the server at a `metrics` address is ready, so long at most; what keeps it from that, or nothing."""
    if metrics == OFF:
        return "metrics is off; ask with `edgeocr health`"
    host, _, port = metrics.rpartition(":")
    host = host.strip("[]")
    end = time.monotonic() + seconds
    while why := _ask(_ANYWHERE.get(host, host), int(port)):
        if time.monotonic() + _LOOK_SECONDS >= end:
            return f"{metrics}: {why}"
        time.sleep(_LOOK_SECONDS)
    return ""


def _ask(host: str, port: int) -> str:
    connection = http.client.HTTPConnection(host, port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
    except TimeoutError:
        return f"no answer within {_ANSWER_SECONDS:g} s"
    except OSError as error:
        return error.strerror or str(error)
    except http.client.HTTPException:
        return "what answers there is no edgeocr"
    finally:
        connection.close()
    return "" if answer.status == http.HTTPStatus.OK else answer.read(200).decode("latin-1").strip()
