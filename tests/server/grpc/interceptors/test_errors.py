"""What callers are told of errors, whichever kind of handler raises them."""

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status.rpc_status import from_call

from edgeocr.model.errors import INTERNAL_TEXT, Limit
from edgeocr.server.errors import QueueFull
from edgeocr.server.grpc.interceptors.errors import ErrorInterceptor

SECRET = "/etc/edgeocr/secret"


def bug(*_):
    raise ValueError(SECRET)


def expected(*_):
    raise QueueFull("3 images are waiting", Limit("queue_images", 3, 4), 1.5)


def handlers(fail):
    """Handlers of one answer and of several, all of which fail; a stream is a generator, or writes to its context."""

    async def unary(request, context):
        fail()

    async def generator(request, context):
        yield b"first"
        fail()

    async def writer(request, context):
        await context.write(b"first")
        fail()

    return {
        "unary": grpc.stream_unary_rpc_method_handler(unary),
        "generator": grpc.stream_stream_rpc_method_handler(generator),
        "writer": grpc.stream_stream_rpc_method_handler(writer),
    }


@pytest.fixture
async def call():
    """Calls a method of a server whose handlers fail, and returns the error."""
    servers, channels = [], []

    async def failed(kind, fail):
        server = grpc.aio.server(interceptors=[ErrorInterceptor()])
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test", handlers(fail)),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        servers.append(server)
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
        channels.append(channel)
        with pytest.raises(grpc.aio.AioRpcError) as error:
            if kind == "unary":
                await channel.stream_unary("/test/unary")(iter([b"x"]))
            else:
                async for answer in channel.stream_stream(f"/test/{kind}")(iter([b"x"])):
                    assert answer == b"first"
        return error.value

    yield failed
    for channel in channels:
        await channel.close(None)
    for server in servers:
        await server.stop(None)


@pytest.mark.parametrize("kind", ["unary", "generator", "writer"])
async def test_a_bug_is_a_fixed_text_with_its_trace_in_the_log(call, kind, caplog):
    error = await call(kind, bug)
    assert error.code() is grpc.StatusCode.INTERNAL
    assert error.details() == INTERNAL_TEXT
    assert SECRET not in str(error)
    (record,) = caplog.records
    assert SECRET in record.exc_text
    (detail,), info = from_call(error).details, error_details_pb2.ErrorInfo()
    assert detail.Unpack(info)
    assert (info.reason, info.domain) == ("INTERNAL", "edgeocr")


@pytest.mark.parametrize("kind", ["unary", "generator", "writer"])
async def test_an_expected_error_has_its_code_text_and_hint_and_is_not_logged(call, kind, caplog):
    error = await call(kind, expected)
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert error.details() == "3 images are waiting"
    first, second = from_call(error).details
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    assert first.Unpack(info)
    assert (info.reason, info.metadata["limit"]) == ("QUEUE_FULL", "queue_images")
    assert second.Unpack(retry)
    assert retry.retry_delay.ToNanoseconds() == 1_500_000_000
    assert not caplog.records
