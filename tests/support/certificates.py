"""Certificates for tests, made by authorities that live as long as a test."""

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Files:
    """A certificate and its key on disk."""

    certificate: Path
    key: Path

    def write(self, issued: trustme.LeafCert) -> None:
        self.certificate.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
        self.key.write_bytes(issued.private_key_pem.bytes())
        self.key.chmod(0o600)


def issue(authority: trustme.CA, folder: Path, name: str, *hosts: str) -> Files:
    """A certificate for hosts, as NAME.pem and NAME.key."""
    files = Files(folder / f"{name}.pem", folder / f"{name}.key")
    files.write(authority.issue_cert(*hosts or (name,)))
    return files


def authority_file(authority: trustme.CA, folder: Path, name: str) -> Path:
    """The authority's own certificate, as NAME.pem."""
    path = folder / f"{name}.pem"
    authority.cert_pem.write_to_path(str(path))
    return path
