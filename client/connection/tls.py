"""TLS credentials of a client."""

import os
from dataclasses import dataclass
from pathlib import Path

import grpc


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM, read when a client is made.

    Attributes:
        ca: whose signature a server's certificate must have; None trusts the public authorities that gRPC knows.
        certificate: the client's own certificate, for servers that ask for one, then those that lead to its authority.
        key: its key; given with it or not at all.
        name: what the server's certificate is made out to, where that is not the host of the target.
    """

    ca: str | os.PathLike[str] | None = None
    certificate: str | os.PathLike[str] | None = None
    key: str | os.PathLike[str] | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError if there is a certificate without its key, or a key alone."""
        if (self.certificate is None) != (self.key is None):
            raise ValueError("a client's certificate needs its key, and the key its certificate")

    def credentials(self) -> grpc.ChannelCredentials:
        """The credentials of a channel; raises OSError if a file cannot be read."""
        return grpc.ssl_channel_credentials(_read(self.ca), _read(self.key), _read(self.certificate))


def _read(path: str | os.PathLike[str] | None) -> bytes | None:
    return None if path is None else Path(path).read_bytes()
