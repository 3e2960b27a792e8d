"""The request for a server's description."""

import grpc

from edgeocr.client.errors import OcrError
from edgeocr.client.streaming.retry import Contact
from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc


async def server_info(
    stub: "ocr_pb2_grpc.OcrServiceAsyncStub", contact: Contact, timeout_seconds: float | None
) -> ocr_pb2.GetServerInfoResponse:
    """Requests the server's description, not validated yet, and records that the server has answered.

    Raises:
        OcrError: it does not answer.
    """
    try:
        info = await stub.GetServerInfo(ocr_pb2.GetServerInfoRequest(), timeout=timeout_seconds)
    except grpc.aio.AioRpcError as error:
        raise OcrError.from_rpc_error(error) from error
    contact.made = True
    return info
