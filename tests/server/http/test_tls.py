"""Handshakes in memory: whose certificate is asked for, also of those who come again."""

import ssl
from contextlib import suppress

import pytest
import trustme

from edgeocr.server.access.certificates import watch_certificates
from edgeocr.server.http.tls import ReloadingContext
from tests.support.certificates import authority_file, issue

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


class Callers:
    """A server's context, and clients of an authority that it lets in."""

    def __init__(self, folder, version):
        self.folder = folder
        servers, self.clients = trustme.CA(), trustme.CA()
        own, known = issue(servers, folder, "server", "localhost"), issue(self.clients, folder, "client", "scanner")
        self.authorities = authority_file(self.clients, folder, "clients")
        self.context = ReloadingContext.of(watch_certificates(own.certificate, own.key, self.authorities))
        self.client_context = ssl.create_default_context(cafile=str(authority_file(servers, folder, "servers")))
        self.client_context.load_cert_chain(known.certificate, known.key)
        self.client_context.minimum_version = self.client_context.maximum_version = version

    def let_in(self, authority):
        """Has the server take clients of another authority from now on."""
        authority.cert_pem.write_to_path(str(self.authorities))

    def call(self, session=None):
        """Shakes hands and sends a byte either way; returns the client's side.

        Raises:
            ssl.SSLError: the server does not let the client in.
        """
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = self.client_context.wrap_bio(to_client, to_server, server_hostname="localhost", session=session)
        server = self.context.wrap_bio(to_server, to_client, server_side=True)
        for _ in range(3):
            for side in (client, server):
                with suppress(ssl.SSLWantReadError):
                    side.do_handshake()
        server.write(b"a")
        # What comes with it is the session.
        assert client.read(1) == b"a"
        return client


@pytest.fixture(params=VERSIONS, ids=lambda version: version.name)
def callers(request, tmp_path):
    return Callers(tmp_path, request.param)


def test_a_client_may_resume_its_session_while_its_authority_is_let_in(callers):
    first = callers.call()
    assert not first.session_reused
    assert callers.call(first.session).session_reused


def test_a_client_of_an_authority_that_was_taken_out_cannot_resume_its_session(callers):
    session = callers.call().session
    callers.let_in(trustme.CA())
    for given in (None, session):
        with pytest.raises(ssl.SSLError):
            callers.call(given)


def test_a_client_without_a_certificate_is_not_let_in(callers):
    callers.client_context = ssl.create_default_context(cafile=str(callers.folder / "servers.pem"))
    with pytest.raises(ssl.SSLError):
        callers.call()


def test_once_its_authority_is_let_in_again_a_client_shakes_hands_again(callers):
    session = callers.call().session
    callers.let_in(trustme.CA())
    with pytest.raises(ssl.SSLError):
        callers.call()
    callers.let_in(callers.clients)
    assert not callers.call(session).session_reused
