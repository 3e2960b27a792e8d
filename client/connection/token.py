"""The bearer token of calls, and the rule for sending it unencrypted."""

import re
from functools import partial

from edgeocr.client.connection.targets import parse_target
from edgeocr.proto.edgeocr.v1 import ocr_pb2_grpc

_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")


def check_token(token: str, target: str, *, encrypted: bool, insecure: bool) -> None:
    """Raises ValueError if the token is malformed, or would be sent unencrypted over a network.

    Args:
        token: the token in the server's file.
        target: the server to send it to.
        encrypted: whether the connection uses TLS.
        insecure: whether sending it unencrypted is allowed.
    """
    if not _TOKEN.fullmatch(token):
        raise ValueError("the token contains characters that are not allowed in tokens")
    if not (encrypted or insecure or parse_target(target).on_this_machine):
        raise ValueError(f"the token would go to {target} unencrypted; use TLS, or allow it (insecure_token)")


def authorize(stub: "ocr_pb2_grpc.OcrServiceAsyncStub", token: str) -> None:
    """Attaches the token to every call of a stub."""
    # Not by an interceptor, behind which gRPC's streams lose their flow control.
    metadata = (("authorization", f"Bearer {token}"),)
    for method, call in vars(stub).items():
        setattr(stub, method, partial(call, metadata=metadata))
