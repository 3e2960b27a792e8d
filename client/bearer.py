"""The bearer token that calls carry, and where it may go."""

import ipaddress
import re
from functools import partial

from edgeocr.proto.edgeocr.v1 import ocr_pb2_grpc

_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_SCHEME = re.compile(r"(dns|ipv4|ipv6):(//[^/]*/)?")


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
    if not (encrypted or insecure or _stays_here(target)):
        raise ValueError(f"the token would go to {target} unencrypted; use TLS, or allow it (insecure_token)")


def authorize(stub: "ocr_pb2_grpc.OcrServiceAsyncStub", token: str) -> None:
    """Lets every call of a stub carry the token."""
    # An interceptor would do so too, but gRPC's streams lose their flow control behind one.
    metadata = (("authorization", f"Bearer {token}"),)
    for method, call in vars(stub).items():
        setattr(stub, method, partial(call, metadata=metadata))


def _stays_here(target: str) -> bool:
    """Whether the target is on this machine, for all that its text tells."""
    if target.startswith(("unix:", "unix-abstract:")):
        return True
    address = _SCHEME.sub("", target, count=1)
    host = address[1:].partition("]")[0] if address.startswith("[") else address.partition(":")[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
