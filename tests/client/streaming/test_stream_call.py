"""How a stream's end is understood."""

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata

from edgeocr.client.errors import OcrError
from edgeocr.client.streaming.call import StreamCall


class EndingStub:
    """Its stream ends at once with this status."""

    def __init__(self, code: grpc.StatusCode, text: str) -> None:
        self._error = AioRpcError(code, Metadata(), Metadata(), text)

    def RecognizeStream(self, requests, timeout):  # the stub's own name
        return self

    async def __aiter__(self):
        raise self._error
        yield

    def cancel(self) -> None:
        pass


async def ended(code: grpc.StatusCode, text: str) -> OcrError:
    with StreamCall(EndingStub(code, text)) as call, pytest.raises(OcrError) as error:
        async for _ in call.responses():
            raise AssertionError("nothing was sent")
    return error.value


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (grpc.StatusCode.INTERNAL, "Stream removed (RST_STREAM (Received RST_STREAM with error code 2))"),
        (grpc.StatusCode.CANCELLED, "Received RST_STREAM with error code 8"),
    ],
)
async def test_a_stream_that_a_proxy_reset_may_be_taken_up_elsewhere(code, text):
    assert (await ended(code, text)).code is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("code", [grpc.StatusCode.INTERNAL, grpc.StatusCode.CANCELLED])
async def test_a_servers_own_status_stands(code):
    error = await ended(code, "what the server says")
    assert error.code is code
    assert error.message == "what the server says"
