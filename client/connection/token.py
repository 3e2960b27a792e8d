"""The bearer token that calls carry, and where it may go."""

import re
from functools import partial

from edgeocr.client.connection.targets import parse_target
from edgeocr.proto.edgeocr.v1 import ocr_pb2_grpc

_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")


def check_token(token: str, target: str, *, encrypted: bool, insecure: bool) -> None:
    """Raises ValueError if the text is no token, or if others could read it on its way.

    Args:
        token: what the server's file has.
        target: where it would go.
        encrypted: whether by TLS.
        insecure: whether to send it in the clear as well.
    """
    if not _TOKEN.fullmatch(token):
        raise ValueError("the token has characters that no token has")
    if not (encrypted or insecure or parse_target(target).on_this_machine):
        raise ValueError(f"the token would go to {target} unencrypted; use TLS, or allow it (insecure_token)")


def authorize(stub: "ocr_pb2_grpc.OcrServiceAsyncStub", token: str) -> None:
    """Lets every call of a stub carry the token."""
    # An interceptor would do so too, but gRPC's streams lose their flow control behind one.
    metadata = (("authorization", f"Bearer {token}"),)
    for method, call in vars(stub).items():
        setattr(stub, method, partial(call, metadata=metadata))
