"""The server's settings as a frozen, validated value."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from edgeocr.model.limits import MEDIA_TYPES, Limits
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import DEFAULT_READING, LEAST_CONFIDENCE, ReaderSettings, Reading
from edgeocr.model.recognition.rules.rule import ALL_RULES, DecodingRule
from edgeocr.server.settings.setting_values import (
    ALL_RULES_NAMED,
    ALL_TYPES,
    AUTO,
    OFF,
    MemorySize,
    Size,
    address,
    anything,
    automatic_or,
    between,
    collector,
    decoding_rules,
    host_names,
    media_types,
    networks,
    one_of,
    origin_names,
    permissions,
    tcp_address,
)

ENVIRONMENT_PREFIX = "EDGEOCR_"


class ConfigError(Exception):
    """A setting is invalid; the text names it, its source, and the allowed values."""


def _setting(default: Any, help_text: str, check: Callable[[Any], str | None] = anything) -> Any:
    return field(
        default=default, metadata={"kind": type(default), "help": help_text, "check": check, "optional": False}
    )


def _optional(kind: type, help_text: str, check: Callable[[Any], str | None] = anything, default: Any = None) -> Any:
    """A setting of a kind that may be off, which is None."""
    return field(default=default, metadata={"kind": kind, "help": help_text, "check": check, "optional": True})


_LIMITS = Limits()
_MOST_IMAGE_BYTES = 1_000_000_000
"""Twice this size is still within gRPC's limit of message sizes."""
_MOST_IMAGE_PIXELS = 1 << 30
"""OpenCV's limit."""


@dataclass(frozen=True, slots=True)
class Config:
    """All settings, with defaults, help texts and checks."""

    listen: str = _setting("127.0.0.1:50051", "address of the gRPC service: HOST:PORT or unix:PATH", address)
    http: str | None = _optional(
        str, f"address of the page and the REST call: HOST:PORT or {OFF}; needs edgeocr[web]", tcp_address
    )
    http_hosts: str | None = _optional(
        str,
        "host names, separated by commas, that http and metrics answer to besides localhost, addresses and their own, "
        f"or {OFF}",
        host_names,
    )
    cors_origins: str | None = _optional(
        str,
        "origins whose pages may call http and see its answers (CORS), separated by commas, such as "
        f"https://app.example, * for all, or {OFF}",
        origin_names,
    )
    metrics: str | None = _optional(
        str, f"address of /metrics, /healthz and /readyz: HOST:PORT or {OFF}", tcp_address, default="127.0.0.1:9464"
    )
    socket_mode: str = _setting("600", "permissions of a unix socket, in the form of chmod", permissions)
    tls_certificate: Path | None = _optional(
        Path, f"PEM file with the server's certificate chain, which turns TLS on, or {OFF}"
    )
    tls_key: Path | None = _optional(Path, f"PEM file with the certificate's key, or {OFF}")
    tls_client_ca: Path | None = _optional(
        Path, f"PEM file with the authorities that must have signed a client's certificate (mutual TLS), or {OFF}"
    )
    tokens: Path | None = _optional(
        Path, f"file of bearer tokens, one a line; every call but health needs one of them; or {OFF}"
    )
    otlp_endpoint: str | None = _optional(
        str,
        f"address that traces are sent to over OTLP: HOST:PORT, https://HOST:PORT or {OFF}; needs edgeocr[tracing]",
        collector,
    )
    trusted_proxies: str | None = _optional(
        str,
        f"addresses or networks of proxies, separated by commas, whose X-Forwarded-For names the caller, or {OFF}",
        networks,
    )
    models: Path = _setting(DEFAULT_FOLDER, "folder of the weights and their manifest")
    least_confidence: float = _setting(
        LEAST_CONFIDENCE,
        "lines of a page whose characters have a lower mean confidence are left out as texture, 0-1; 0 keeps all",
        between(0, 1),
    )
    decoding_rules: str | None = _optional(
        str,
        "rules by which a line's characters are made one text, separated by commas, "
        f"{ALL_RULES_NAMED} or {OFF}: {', '.join(DecodingRule)}",
        decoding_rules,
        default=ALL_RULES_NAMED,
    )
    reading: str = _setting(
        DEFAULT_READING,
        "recognisers that read lines unless a call asks for others: adaptive (the fast one, and again the "
        "accurate one where that is not sure), accurate or fast; adaptive is accurate with weights that have no "
        "fast one",
        one_of(*Reading),
    )
    workers: int = _setting(0, "number of worker threads; 0 for one per usable processor", between(0, 1024))
    queue_images: int = _setting(
        64, "maximum number of images waiting for a worker, of which one caller may hold half", between(1, 1_000_000)
    )
    queue_seconds: float = _setting(
        0.0,
        "time that an image may wait for a worker before it is refused, in seconds; 0 for no limit",
        between(0, 86400),
    )
    stream_images: int = _setting(16, "maximum number of images of one stream in flight", between(1, 10_000))
    memory_budget: MemorySize = _setting(
        MemorySize(AUTO),
        "memory of the whole process; a lower limit of the control group wins. "
        f"{AUTO}: seven eighths of a group's limit, else a quarter of the machine's memory",
        automatic_or(between(1, 1 << 50)),
    )
    image_bytes: Size = _setting(
        Size(_LIMITS.image_bytes),
        "maximum size of an image as sent; a small memory budget may allow less",
        between(1, _MOST_IMAGE_BYTES),
    )
    file_bytes: Size = _setting(
        Size(_LIMITS.file_bytes),
        "maximum size of a file that is sent in chunks or over HTTP; too little room on disk may allow less",
        between(1, _MOST_IMAGE_BYTES),
    )
    spool_dir: Path | None = _optional(
        Path,
        "folder on a disk where files larger than spool_from_bytes wait, unnamed and removed with the process, "
        f"or {OFF}: they wait in memory then",
        default=Path("/var/tmp"),  # noqa: S108  # no name in it is ever used
    )
    spool_bytes: Size = _setting(
        Size(1 << 30), "maximum size of all files there together, at most half of what is free", between(1, 1 << 50)
    )
    spool_from_bytes: Size = _setting(
        Size(4 << 20), "size up to which files stay in memory", between(1, _MOST_IMAGE_BYTES)
    )
    image_pixels: int = _setting(
        _LIMITS.image_pixels,
        "maximum number of pixels (width × height) of a decoded image; of those with more than 64 million the "
        "smallest text may be missed",
        between(1, _MOST_IMAGE_PIXELS),
    )
    document_pages: int = _setting(
        _LIMITS.document_pages, "maximum number of pages of one document that are read at a time", between(1, 1_000_000)
    )
    upload_seconds: float = _setting(
        300.0,
        "total time allowed for uploading a file over HTTP or in chunks, in seconds",
        between(1, 86400),
    )
    media_types: str = _setting(
        ALL_TYPES,
        f"media types that are read, separated by commas, or {ALL_TYPES}: {', '.join(MEDIA_TYPES)}",
        media_types,
    )
    decode_seconds: float = _setting(
        10.0,
        "time allowed for opening an image, or one page of a document, in a decoder process, in seconds",
        between(0.1, 3600),
    )
    idle_seconds: float = _setting(
        600.0,
        "time that a stream or a connection may be silent while nothing is read for it, in seconds",
        between(1, 86400),
    )
    connection_seconds: float = _setting(
        0.0,
        "age in seconds, plus or minus a tenth, after which a gRPC connection takes no further call and its client "
        "connects again, through a balancer perhaps to another server; open calls finish; 0 for no limit",
        between(0, 86400 * 365),
    )
    answer_seconds: float = _setting(
        120.0, "time that a caller may take to read an answer, or a message of a stream, in seconds", between(1, 86400)
    )
    open_calls: int = _setting(
        0,
        "maximum number of open gRPC calls, of which one caller may have half; 0 for what the memory budget allows",
        between(0, 1_000_000),
    )
    connections: int = _setting(
        0,
        "maximum number of connections of gRPC, and of HTTP, of which one address may have half; 0 for 512, or what "
        "the limit of file descriptors leaves",
        between(0, 1_000_000),
    )
    drain_delay_seconds: float = _setting(
        0.0, "on SIGTERM, time between NOT_SERVING and refusing new work, in seconds", between(0, 3600)
    )
    drain_seconds: float = _setting(
        30.0, "then, time allowed for admitted work to finish, in seconds", between(0, 3600)
    )
    stuck_seconds: float = _setting(
        120.0,
        "time, in seconds, that a worker may spend on one image before health turns to NOT_SERVING; after twice "
        "that, the server ends",
        between(1, 86400),
    )
    access_log: str | None = _optional(
        str,
        f"where one JSON object is written for each image and each refused call: stdout, stderr or {OFF}",
        one_of("stdout", "stderr"),
        default="stdout",
    )
    access_log_share: float = _setting(
        1.0, "share of the images without an error that is logged there, 0-1; errors are always logged", between(0, 1)
    )
    log_level: str = _setting("info", "debug, info, warning or error", one_of("debug", "info", "warning", "error"))
    log_format: str = _setting("text", "text or json", one_of("text", "json"))

    def __post_init__(self) -> None:
        for setting in fields(self):
            value, optional = getattr(self, setting.name), setting.metadata["optional"]
            complaint = None if optional and value is None else setting.metadata["check"](value)
            if complaint is not None:
                raise ConfigError(f"{setting.name}: {value!r} {complaint}{f', or {OFF}' if optional else ''}")
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ConfigError("tls_certificate and tls_key: one needs the other")
        if self.tls_client_ca is not None and self.tls_certificate is None:
            raise ConfigError("tls_client_ca: needs tls_certificate and tls_key")

    @property
    def reader_settings(self) -> ReaderSettings:
        """What holds for all images that are read."""
        rules = ALL_RULES
        if self.decoding_rules != ALL_RULES_NAMED:
            rules = frozenset(map(DecodingRule, self.decoding_rules.split(",") if self.decoding_rules else ()))
        return ReaderSettings(least_confidence=self.least_confidence, rules=rules, reading=Reading(self.reading))

    @property
    def limits(self) -> Limits:
        """The limits of images, from the settings of the same names."""
        values = {setting.name: getattr(self, setting.name) for setting in fields(self)}
        # Plain ints, so that texts contain numbers of bytes rather than sizes with units.
        settings: dict[str, Any] = {
            name: int(value) if isinstance(value, Size) else value for name, value in values.items()
        }
        settings["media_types"] = MEDIA_TYPES if self.media_types == ALL_TYPES else tuple(self.media_types.split(","))
        return Limits(**{limit.name: settings[limit.name] for limit in fields(Limits) if limit.name in settings})
