"""TLS for the gRPC server, with the files' current certificates at each handshake."""

import grpc

from edgeocr.server.access.certificates import Certificates
from edgeocr.server.access.watched_files import WatchedFiles


def server_credentials(certificates: WatchedFiles[Certificates]) -> grpc.ServerCredentials:
    """Credentials with a callback, which gRPC calls at every handshake on its own thread."""
    return _Handshakes(certificates).credentials()


class _Handshakes:
    """Returns certificates only if they are new, since gRPC rebuilds its context from every answer."""

    def __init__(self, certificates: WatchedFiles[Certificates]) -> None:
        self._certificates = certificates
        self._told = certificates.current()

    def credentials(self) -> grpc.ServerCredentials:
        return grpc.dynamic_ssl_server_credentials(
            _configuration(self._told),
            self._news,  # type: ignore[arg-type]  # the stubs lack None, which means no news
            require_client_authentication=self._told.client_authorities is not None,
        )

    def _news(self) -> "grpc.ServerCertificateConfiguration | None":
        current = self._certificates.current()
        if current is self._told:
            return None
        self._told = current
        return _configuration(current)


def _configuration(certificates: Certificates) -> "grpc.ServerCertificateConfiguration":
    return grpc.ssl_server_certificate_configuration(
        [(certificates.key, certificates.chain)], certificates.client_authorities
    )
