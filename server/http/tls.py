"""TLS for the HTTP server, with the files' current certificates at each handshake."""

import ssl

from edgeocr.server.access.certificates import Certificates, server_context
from edgeocr.server.access.watched_files import WatchedFiles


class ReloadingContext(ssl.SSLContext):
    """Uses a context of the current files for each handshake.

    Sessions belong to a context: after a change, clients cannot resume earlier sessions, and must present their
        certificates again, so that removed authorities are enforced.
    """

    _certificates: WatchedFiles[Certificates]
    _current: ssl.SSLContext
    _made_of: Certificates

    @classmethod
    def of(cls, certificates: WatchedFiles[Certificates]) -> "ReloadingContext":
        """Makes a context; whether clients need a certificate cannot change later."""
        self = cls(ssl.PROTOCOL_TLS_SERVER)
        self._certificates = certificates
        self._made_of = certificates.current()
        self._current = server_context(self._made_of)
        return self

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Called by the event loop for each connection."""
        found = self._certificates.current()
        if found is not self._made_of:
            self._current, self._made_of = server_context(found), found
        return self._current.wrap_bio(incoming, outgoing, server_side, server_hostname, session)
