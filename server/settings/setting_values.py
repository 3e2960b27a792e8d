"""Types and checks of settings; a check returns None for a valid value, else what it must be."""

import ipaddress
import re
from collections.abc import Callable
from typing import Any, Self

from edgeocr.model.limits import MEDIA_TYPES
from edgeocr.model.recognition.rules.rule import DecodingRule

_BINARY = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_UNITS = {"": 1, "k": 1000, "M": 10**6, "G": 10**9}
_UNITS |= {f"{unit}i{end}": value for unit, value in _BINARY.items() for end in ("", "B")}
"""Including the suffixes of Kubernetes quantities."""
_SIZE = re.compile(rf"(\d+) ?({'|'.join(sorted(_UNITS, key=len, reverse=True))})")


class Size(int):
    """A number of bytes, optionally written with a unit: KiB, MiB or GiB, or Kubernetes suffixes such as Mi and M."""

    def __new__(cls, value: int | str) -> Self:
        """Parses a number or a text; raises ValueError for other texts."""
        if isinstance(value, str):
            if (found := _SIZE.fullmatch(value)) is None:
                raise ValueError(value)
            value = int(found[1]) * _UNITS[found[2]]
        return super().__new__(cls, value)

    def __str__(self) -> str:
        """In MiB if it is a whole number of them."""
        return f"{self >> 20}MiB" if self and self % (1 << 20) == 0 else super().__repr__()


AUTO = "auto"


class MemorySize(Size):
    """A number of bytes, or `auto`, represented by a negative number."""

    def __new__(cls, value: int | str) -> Self:
        """Parses a number or a text; raises ValueError for other texts."""
        return super().__new__(cls, -1 if value == AUTO else value)

    def __str__(self) -> str:
        """In the form of the setting."""
        return AUTO if self < 0 else super().__str__()


_HOST_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_ORIGIN = re.compile(r"https?://([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
OFF, ALL_TYPES, ALL_RULES_NAMED = "off", "all", "all"


def shown(value: Any) -> str:
    """A value in the form of the setting."""
    return OFF if value is None else str(value)


def anything(_: Any) -> None:
    """Accepts any value."""


def between(least: float, most: float) -> Callable[[Any], str | None]:
    """A range, ends included."""
    return lambda value: None if least <= value <= most else f"must be from {least} to {most}"


def automatic_or(check: Callable[[Any], str | None]) -> Callable[[Any], str | None]:
    """`auto`, or a value that another check accepts."""
    return lambda value: None if value == MemorySize(AUTO) else check(value)


def one_of(*choices: str) -> Callable[[Any], str | None]:
    """One of several words."""
    return lambda value: None if value in choices else f"must be one of {', '.join(choices)}"


def address(value: str) -> str | None:
    """HOST:PORT or unix:PATH."""
    host, colon, port = value.rpartition(":")
    if value.startswith("unix:") and len(value) > len("unix:"):
        return None
    if host and colon and port.isdecimal() and int(port) < 65536:
        return None
    return "must be HOST:PORT or unix:PATH"


def permissions(value: str) -> str | None:
    """Three octal digits."""
    return None if re.fullmatch("[0-7]{3}", value) else "must be three octal digits, such as 660"


def tcp_address(value: str) -> str | None:
    """HOST:PORT."""
    return None if not value.startswith("unix:") and address(value) is None else "must be HOST:PORT"


def networks(value: str) -> str | None:
    """Addresses and networks."""
    try:
        for one in value.split(","):
            ipaddress.ip_network(one.strip(), strict=False)
    except ValueError:
        return "must be addresses and networks, separated by commas, such as 10.0.0.0/8"
    return None


def host_names(value: str) -> str | None:
    """Names of hosts without ports."""
    if all(_HOST_NAME.fullmatch(name) for name in value.split(",")):
        return None
    return "must be names of hosts without ports, separated by commas, such as ocr.example"


def origin_names(value: str) -> str | None:
    """Origins of pages, or all of them."""
    if all(origin == "*" or _ORIGIN.fullmatch(origin) for origin in value.split(",")):
        return None
    return "must be * or origins separated by commas, such as https://app.example or http://localhost:3000"


def collector(value: str) -> str | None:
    """HOST:PORT or an https URL."""
    address = value.removeprefix("https://")
    if "/" not in address and tcp_address(address) is None:
        return None
    return "must be HOST:PORT or https://HOST:PORT"


def decoding_rules(value: str) -> str | None:
    """Names of rules, or all."""
    if value == ALL_RULES_NAMED or set(value.split(",")) <= set(DecodingRule):
        return None
    return f"must be {ALL_RULES_NAMED} or some of {','.join(DecodingRule)}"


def media_types(value: str) -> str | None:
    """Media types that are read, or all."""
    if value == ALL_TYPES or set(value.split(",")) <= set(MEDIA_TYPES):
        return None
    return f"must be {ALL_TYPES} or some of {','.join(MEDIA_TYPES)}"
