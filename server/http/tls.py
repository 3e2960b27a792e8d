"""TLS for the HTTP server, with the certificates that the files have when a client connects."""

import ssl

from edgeocr.server.access.certificates import Certificates, server_context
from edgeocr.server.access.watched_files import WatchedFiles


def reloading_context(certificates: WatchedFiles[Certificates]) -> ssl.SSLContext:
    """A context that looks for news at every handshake; whether clients need a certificate is settled here."""
    return _Handshakes(certificates).context


class _Handshakes:
    """Exchanges a connection's context before its certificate is shown."""

    def __init__(self, certificates: WatchedFiles[Certificates]) -> None:
        self._certificates = certificates
        self._told = certificates.current()
        self._current = self.context = server_context(self._told)
        self.context.sni_callback = self._exchange

    def _exchange(self, connection: ssl.SSLObject, _: str | None, __: ssl.SSLContext) -> None:
        """Called for every client, whether it names a host or not."""
        found = self._certificates.current()
        if found is not self._told:
            self._current, self._told = server_context(found), found
        connection.context = self._current
