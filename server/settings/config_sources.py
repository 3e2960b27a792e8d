"""Sources of settings: flags, environment variables and a TOML file.

A flag overrides `EDGEOCR_…`, which overrides the file, which overrides the default. Names correspond: --queue-images,
EDGEOCR_QUEUE_IMAGES, and queue_images in the file.
"""

import argparse
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from edgeocr.server.settings.config import ENVIRONMENT_PREFIX, Config, ConfigError
from edgeocr.server.settings.setting_values import AUTO, OFF, MemorySize, Size, shown

_KINDS: dict[type, str] = {
    MemorySize: f"a number of bytes, or of KiB, MiB or GiB, or {AUTO}",
    Size: "a number of bytes, or of KiB, MiB or GiB",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
}
_METAVARS: dict[type, str] = {MemorySize: "SIZE", Size: "SIZE", int: "N", float: "NUMBER", str: "VALUE", Path: "PATH"}
_OTHER_VARIABLES = frozenset(
    ENVIRONMENT_PREFIX + name
    for name in (
        *("CONFIG", "TARGET", "TOKEN", "TOKEN_FILE"),
        *("CLIENT_TLS_CA", "CLIENT_TLS_CERTIFICATE", "CLIENT_TLS_KEY", "CLIENT_TLS_NAME"),
    )
)
"""Other variables with the prefix: the path of the TOML file, and variables of the client."""
_OF_SERVICES = re.compile(r".*_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)")
"""Variables that Kubernetes sets for a Service whose name begins with edgeocr."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds a flag for every setting, and --config."""
    parser.add_argument("--config", type=Path, help="TOML file with settings, named like the flags with _ for -")
    for setting in fields(Config):
        parser.add_argument(
            "--" + setting.name.replace("_", "-"),
            metavar=_metavar(setting),
            help=f"{setting.metadata['help']} "
            f"(default: {shown(setting.default)}; {ENVIRONMENT_PREFIX}{setting.name.upper()})",
        )


def _metavar(setting: Field[Any]) -> str:
    """The placeholder of a setting's value in the help: SIZE, N, SECONDS, NUMBER, PATH or VALUE."""
    if setting.name.endswith("_seconds"):
        return "SECONDS"
    return next(name for kind, name in _METAVARS.items() if issubclass(setting.metadata["kind"], kind))


def load(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Config:
    """Loads the settings from all sources.

    Raises:
        ConfigError: a value is invalid, the file cannot be read, or a setting is unknown.
    """
    return Config(**{name: value for name, (value, _) in _given(arguments, environment).items()})


def origins(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Mapping[str, str]:
    """The sources of settings that are not defaults: a flag, a variable, or a file.

    Raises:
        ConfigError: as by `load`.
    """
    return {name: origin for name, (_, origin) in _given(arguments, environment).items()}


def _given(arguments: argparse.Namespace, environment: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    """Values of settings with their effective source."""
    _check_variables(environment)
    file = arguments.config or environment.get(f"{ENVIRONMENT_PREFIX}CONFIG")
    found = {name: (value, str(file)) for name, value in _from_file(Path(file)).items()} if file else {}
    for setting in fields(Config):
        variable = ENVIRONMENT_PREFIX + setting.name.upper()
        flag = "--" + setting.name.replace("_", "-")
        if (given := getattr(arguments, setting.name)) is not None:
            found[setting.name] = _converted(setting.name, given, flag), flag
        elif variable in environment:
            found[setting.name] = _converted(setting.name, environment[variable], variable), variable
    return found


def _check_variables(environment: Mapping[str, str]) -> None:
    """Raises ConfigError for variables that look like settings but are not, such as misspelled ones."""
    known = [ENVIRONMENT_PREFIX + setting.name.upper() for setting in fields(Config)]
    ours = {name for name in environment if name.startswith(ENVIRONMENT_PREFIX)}
    for name in sorted(ours - {*known, *_OTHER_VARIABLES}):
        if _OF_SERVICES.fullmatch(name):
            continue
        near = get_close_matches(name, known, 1)
        raise ConfigError(f"{name}: is not a setting" + (f"; is {near[0]} meant?" if near else ""))


def _from_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from None
    known = {setting.name for setting in fields(Config)}
    if unknown := sorted(set(values) - known):
        raise ConfigError(f"{path}: unknown setting {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    return {name: _converted(name, value, f"{path}, {name}") for name, value in values.items()}


def _converted(name: str, value: Any, origin: str) -> Any:
    """Converts a value from text or a TOML type to the setting's type."""
    setting = next(setting for setting in fields(Config) if setting.name == name)
    kind, kind_name = next((kind, text) for kind, text in _KINDS.items() if issubclass(setting.metadata["kind"], kind))
    if value == "":
        raise ConfigError(f"{origin}: is empty; leave it out for its default, {shown(setting.default)}")
    if value == OFF and setting.metadata["optional"]:
        return None
    try:
        if isinstance(value, bool) or (kind is int and isinstance(value, float)):
            raise ValueError
        return kind(value)
    except (TypeError, ValueError, OverflowError):
        raise ConfigError(f"{origin}: {value!r} is not {kind_name}") from None


def toml(config: Config, origins: Mapping[str, str]) -> Iterator[str]:
    """The settings as lines of a TOML file, with their sources as comments."""
    for setting in fields(Config):
        value = getattr(config, setting.name)
        plain = isinstance(value, int | float) and not isinstance(value, Size)
        # JSON strings are valid TOML strings.
        text = str(value) if plain else json.dumps(shown(value), ensure_ascii=False)
        yield f"{setting.name} = {text}  # {origins.get(setting.name, 'default')}"
