"""TLS credentials of clients."""

import os
from dataclasses import dataclass
from pathlib import Path

import grpc


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM, read when a client is made.

    Attributes:
        ca: certificates of the authorities that sign servers' certificates; None trusts the public authorities of gRPC.
        certificate: the client's certificate chain, for servers that require one.
        key: the certificate's private key; required with a certificate, and only then.
        name: the name in the server's certificate, if it differs from the target's host.
    """

    ca: str | os.PathLike[str] | None = None
    certificate: str | os.PathLike[str] | None = None
    key: str | os.PathLike[str] | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError if only one of certificate and key is given."""
        if (self.certificate is None) != (self.key is None):
            raise ValueError("a client certificate and its key must be given together")

    def credentials(self) -> grpc.ChannelCredentials:
        """The channel credentials; raises OSError if a file cannot be read."""
        return grpc.ssl_channel_credentials(_read(self.ca), _read(self.key), _read(self.certificate))


def _read(path: str | os.PathLike[str] | None) -> bytes | None:
    return None if path is None else Path(path).read_bytes()
