"""A readiness check at the server's metrics address, which needs neither TLS nor a token."""

import http.client
import time

_LOOK_SECONDS = 0.2
_ANSWER_SECONDS = 5.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  # nothing is bound here
"""The address to use for a server that listens on all addresses."""


def why_not_ready(metrics: str | None, seconds: float) -> str:
    """Waits until the server at a `metrics` address is ready; returns the reason if it is not ready in time, else
    nothing."""
    if metrics is None:
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
        return "the program that answers is not edgeocr"
    finally:
        connection.close()
    return "" if answer.status == http.HTTPStatus.OK else answer.read(200).decode("latin-1").strip()
