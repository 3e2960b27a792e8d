"""TLS for the HTTP server, with the certificates that the files have when a client connects."""

import ssl

from edgeocr.server.access.certificates import Certificates, server_context
from edgeocr.server.access.watched_files import WatchedFiles


class ReloadingContext(ssl.SSLContext):
    """Has each connection shake hands with the context of the files as they are.

    Sessions belong to a context: with a new context, earlier ones cannot be resumed, and a client of an authority that
    was taken out has to show its certificate again.
    """

    _certificates: WatchedFiles[Certificates]
    _current: ssl.SSLContext
    _made_of: Certificates

    @classmethod
    def of(cls, certificates: WatchedFiles[Certificates]) -> "ReloadingContext":
        """A context for certificates; whether clients need one is settled now."""
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
        """Begins a connection, as the event loop does for each one."""
        found = self._certificates.current()
        if found is not self._made_of:
            self._current, self._made_of = server_context(found), found
        return self._current.wrap_bio(incoming, outgoing, server_side, server_hostname, session)
