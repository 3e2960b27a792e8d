"""The server's certificate, its key, and the authorities whose clients it lets in."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from edgeocr.server.access.watched_files import WatchedFiles, read_file
from edgeocr.server.errors import StartError


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM texts that fit each other.

    Attributes:
        chain: the server's certificate, then those that lead to its authority.
        key: the certificate's private key.
        client_authorities: who must have signed a client's certificate; None lets clients come without one.
    """

    chain: bytes
    key: bytes = field(repr=False)
    client_authorities: bytes | None


def watch_certificates(certificate: Path, key: Path, client_authorities: Path | None) -> WatchedFiles[Certificates]:
    """The certificates of files, checked before they are used.

    Raises:
        StartError: one cannot be read, is not PEM, or does not fit the others.
    """
    paths = [certificate, key] + ([client_authorities] if client_authorities else [])
    return WatchedFiles("tls_certificate", paths, lambda: _load(certificate, key, client_authorities))


def _load(certificate: Path, key: Path, client_authorities: Path | None) -> Certificates:
    loaded = Certificates(
        read_file("tls_certificate", certificate),
        read_file("tls_key", key, secret=True),
        read_file("tls_client_ca", client_authorities) if client_authorities else None,
    )
    try:
        # The very bytes that will be used: the files may change meanwhile.
        context = _own_context(loaded)
    except (ssl.SSLError, ValueError):
        raise StartError(
            f"tls_certificate: {certificate} and {key} are not a certificate and its unencrypted key, in PEM"
        ) from None
    try:
        _let_in(context, loaded)
    except (ssl.SSLError, ValueError):
        raise StartError(f"tls_client_ca: {client_authorities}: has no certificate, in PEM") from None
    return loaded


def server_context(certificates: Certificates) -> ssl.SSLContext:
    """A context that shows the certificate, and asks clients for theirs if authorities are named."""
    context = _own_context(certificates)
    _let_in(context, certificates)
    return context


def _own_context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with _as_file(certificates.chain) as chain_file, _as_file(certificates.key) as key_file:
        # Without a password OpenSSL would ask for that of an encrypted key at the terminal.
        context.load_cert_chain(chain_file, key_file, password="")
    return context


def _let_in(context: ssl.SSLContext, certificates: Certificates) -> None:
    if certificates.client_authorities is not None:
        context.load_verify_locations(cadata=certificates.client_authorities.decode("ascii"))
        context.verify_mode = ssl.CERT_REQUIRED


@contextmanager
def _as_file(data: bytes) -> Iterator[str]:
    """A path to data that stays in memory."""
    descriptor = os.memfd_create("edgeocr", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, data)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
