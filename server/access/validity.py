"""The validity period of a certificate, parsed from its DER encoding (RFC 5280, section 4.1; X.690)."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18
_BEFORE_VALIDITY = 3
"""The fields before it: serial number, algorithm and issuer."""
_FIRST_END = "-----END CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Validity:
    """Begin and end, in seconds since 1970."""

    begin: float
    end: float

    def complaint(self, now: float) -> str:
        """Why the certificate is invalid at a time; empty if it is valid."""
        if now < self.begin:
            return f"is not valid before {_date(self.begin)}"
        if now > self.end:
            return f"has expired at {_date(self.end)}"
        return ""


def validity(chain: bytes) -> Validity:
    """The validity of the first certificate of a PEM chain.

    Raises:
        ValueError: it is not a certificate.
    """
    first = chain.decode("latin-1").partition(_FIRST_END)
    pem = first[0][first[0].find("-----BEGIN CERTIFICATE-----") :] + first[1]
    try:
        _, certificate, _ = _element(ssl.PEM_cert_to_DER_cert(pem))
        _, rest, _ = _element(certificate)
        if rest[0] == _VERSION:
            _, _, rest = _element(rest)
        for _ in range(_BEFORE_VALIDITY):
            _, _, rest = _element(rest)
        tag, dates, _ = _element(rest)
        if tag != _SEQUENCE:
            raise ValueError("no validity")
        begin_tag, begin, rest = _element(dates)
        end_tag, end, _ = _element(rest)
        return Validity(_seconds(begin_tag, begin), _seconds(end_tag, end))
    except IndexError:
        raise ValueError("cut off") from None


def _element(data: bytes) -> tuple[int, bytes, bytes]:
    """An element's tag and contents, and the bytes after it."""
    size, place = data[1], 2
    if size & 0x80:
        place += size & 0x7F
        size = int.from_bytes(data[2:place])
    return data[0], data[place : place + size], data[place + size :]


def _seconds(tag: int, text: bytes) -> float:
    if tag not in (_UTC_TIME, _GENERALIZED_TIME):
        raise ValueError("no time")
    digits = text.decode("ascii")
    if tag == _UTC_TIME:
        # Two-digit years mean 1950 to 2049.
        digits = ("19" if digits >= "50" else "20") + digits
    return datetime.strptime(digits, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
