"""docs/settings.md: every setting, and every limit of the contract, from where they are declared."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.settings.config import ENVIRONMENT_PREFIX, Config
from edgeocr.server.settings.setting_values import shown

_CONTRACT = Path("proto/edgeocr/v1/ocr.proto")
_DEFAULT_IS_A_PATH = "models"
_HEAD = f"""# Settings

Every setting is a flag of `edgeocr serve`, an environment variable, or a line of a TOML file (`--config`): for example
`--queue-images`, `{ENVIRONMENT_PREFIX}QUEUE_IMAGES` and `queue_images`. A flag wins over the environment, which wins
over the file. This page is made of their declarations by `make reference`.

| setting | default | meaning |
| --- | --- | --- |"""
_LIMITS_HEAD = """
## Limits

What is in force is in `GetServerInfo`, in what `edgeocr info` prints, and in the log line at the start. *set* marks the
limits that a setting of the same name sets, though a small memory budget may allow less.

| limit | | meaning |
| --- | --- | --- |"""


def page() -> str:
    """The page as it should be."""
    return "\n".join([_HEAD, *_settings(), _LIMITS_HEAD, *_limits()]) + "\n"


def _settings() -> Iterator[str]:
    for setting in fields(Config):
        flag = setting.name.replace("_", "-")
        default = "the installed ones" if setting.name == _DEFAULT_IS_A_PATH else f"`{shown(setting.default)}`"
        yield f"| `--{flag}` | {default} | {setting.metadata['help']} |"


def _limits() -> Iterator[str]:
    names = {setting.name for setting in fields(Config)}
    (body,) = re.findall(r"^message Limits \{\n(.*?)^\}", _CONTRACT.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    found = re.findall(r"((?:^  // .*\n)+)^  \w+ (\w+) = \d+;", body, re.MULTILINE)
    assert [name for _, name in found] == list(ocr_pb2.Limits.DESCRIPTOR.fields_by_name)
    for comment, name in found:
        meaning = " ".join(row.removeprefix("  // ") for row in comment.splitlines())
        yield f"| `{name}` | {'set' if name in names else ''} | {meaning} |"
