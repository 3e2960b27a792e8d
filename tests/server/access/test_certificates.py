"""Certificates of files: used only if they are what they should be, and fit each other."""

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from edgeocr.server.access.certificates import watch_certificates
from edgeocr.server.errors import StartError
from tests.support.certificates import authority_file, issue


@pytest.fixture
def authority():
    return trustme.CA()


def locked(key):
    """The key as it is with a password."""
    return serialization.load_pem_private_key(key, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )


def test_what_fits_is_taken_as_it_is(authority, tmp_path):
    files, ca = issue(authority, tmp_path, "good"), authority_file(authority, tmp_path, "ca")
    loaded = watch_certificates(files.certificate, files.key, ca).current()
    assert loaded.chain == files.certificate.read_bytes()
    assert loaded.key == files.key.read_bytes()
    assert loaded.client_authorities == ca.read_bytes()
    assert "PRIVATE KEY" not in repr(loaded)


@pytest.mark.parametrize(
    ("certificate", "key", "words"),
    [
        ("none", "good", "tls_certificate: {folder}/none.pem: cannot be read: No such file"),
        ("good", "none", "tls_key: {folder}/none.key: cannot be read: No such file"),
        ("good", "other", "the key is not that of the certificate"),
        ("good", "locked", "the key is encrypted"),
        ("garbage", "good", "has no certificate, in PEM"),
        ("empty", "good", "has no certificate, in PEM"),
    ],
)
def test_what_does_not_fit_is_named(authority, tmp_path, certificate, key, words):
    issue(authority, tmp_path, "good")
    issue(authority, tmp_path, "other")
    (tmp_path / "garbage.pem").write_text("garbage")
    (tmp_path / "empty.pem").write_text("")
    (tmp_path / "locked.key").write_bytes(locked((tmp_path / "good.key").read_bytes()))
    with pytest.raises(StartError) as error:
        watch_certificates(tmp_path / f"{certificate}.pem", tmp_path / f"{key}.key", None)
    assert words.format(folder=tmp_path) in str(error.value)


@pytest.mark.parametrize("text", ["", "garbage", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "ü"])
def test_authorities_without_a_certificate_are_named(authority, tmp_path, text):
    files, ca = issue(authority, tmp_path, "good"), tmp_path / "ca.pem"
    ca.write_text(text)
    with pytest.raises(StartError) as error:
        watch_certificates(files.certificate, files.key, ca)
    assert str(error.value) == f"tls_client_ca: {ca}: has no certificate, in PEM"
