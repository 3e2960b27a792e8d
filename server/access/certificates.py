"""The server's certificate, its key, and the authorities of client certificates."""

import logging
import math
import os
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from edgeocr.server.access.validity import Validity, validity
from edgeocr.server.access.watched_files import WatchedFiles, read_file
from edgeocr.server.errors import StartError

_log = logging.getLogger(__name__)
ALWAYS = Validity(-math.inf, math.inf)
_REASONS = {
    "KEY_VALUES_MISMATCH": "the key is not that of the certificate",
    "EE_KEY_TOO_SMALL": "the certificate's key is too short",
    "CA_MD_TOO_WEAK": "the certificate is signed by an algorithm that is too weak",
    "BAD_DECRYPT": "the key is encrypted",
    "BAD_PASSWORD_READ": "the key is encrypted",
}
"""OpenSSL's reasons for rejecting a certificate and its key, and the texts for them."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM texts that belong together.

    Attributes:
        chain: the server's certificate chain.
        key: the certificate's private key.
        client_authorities: authorities that must have signed a client's certificate; None requires no client
            certificate.
        validity: validity period of the server's certificate.
    """

    chain: bytes
    key: bytes = field(repr=False)
    client_authorities: bytes | None
    validity: Validity = field(default=ALWAYS, compare=False)


def watch_certificates(certificate: Path, key: Path, client_authorities: Path | None) -> WatchedFiles[Certificates]:
    """Loads certificates from files, and again when they change; they are checked before use.

    Raises:
        StartError: a file cannot be read, is not PEM, or does not match the others.
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
        # Checks the bytes that will be used, since the files may change meanwhile.
        context = _own_context(loaded)
    except (ssl.SSLError, ValueError) as error:
        raise StartError(_complaint(loaded, certificate, key, error)) from None
    try:
        _let_in(context, loaded)
    except (ssl.SSLError, ValueError):
        raise StartError(f"tls_client_ca: {client_authorities}: has no certificate, in PEM") from None
    found = loaded
    # OpenSSL accepts the certificate, so a failure to parse its validity here is no reason to refuse it.
    with suppress(ValueError):
        found = replace(loaded, validity=validity(loaded.chain))
    if complaint := found.validity.complaint(time.time()):
        _log.warning("tls_certificate: %s %s: clients will refuse it", certificate, complaint)
    return found


def server_context(certificates: Certificates) -> ssl.SSLContext:
    """A TLS context with the certificate, which requires client certificates if authorities are named."""
    context = _own_context(certificates)
    _let_in(context, certificates)
    return context


def _own_context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with _as_file(certificates.chain) as chain_file, _as_file(certificates.key) as key_file:
        # Without a password callback, OpenSSL would prompt for an encrypted key's password on the terminal.
        context.load_cert_chain(chain_file, key_file, password="")
    return context


def _let_in(context: ssl.SSLContext, certificates: Certificates) -> None:
    if certificates.client_authorities is not None:
        context.load_verify_locations(cadata=certificates.client_authorities.decode("ascii"))
        context.verify_mode = ssl.CERT_REQUIRED


@contextmanager
def _as_file(data: bytes) -> Iterator[str]:
    """A path to in-memory data."""
    descriptor = os.memfd_create("edgeocr", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, data)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def _complaint(loaded: Certificates, certificate: Path, key: Path, error: Exception) -> str:
    reason = _REASONS.get(getattr(error, "reason", None) or "")
    if b"-----BEGIN CERTIFICATE-----" not in loaded.chain:
        return f"tls_certificate: {certificate} has no certificate, in PEM"
    if b"PRIVATE KEY-----" not in loaded.key:
        return f"tls_key: {key} has no private key, in PEM"
    if b"ENCRYPTED" in loaded.key:
        reason = _REASONS["BAD_DECRYPT"]
    if reason is not None:
        return f"tls_certificate: {certificate} and {key}: {reason}"
    return f"tls_certificate: {certificate} and {key} are not a certificate and its unencrypted key, in PEM"
