"""`edgeocr info`: describes a server: its version, models and limits."""

import argparse
import json
import re
from typing import Any, cast

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from edgeocr.client.cli.target import connect, server_info


def run(arguments: argparse.Namespace) -> int:
    """Prints the description; raises NoServer if there is no answer."""
    with connect(arguments) as client:
        description = describe(server_info(client, arguments.target))
    if arguments.format == "json":
        print(json.dumps(description, ensure_ascii=False, allow_nan=False, indent=2))
    else:
        print("\n".join(_as_text(description)))
    return 0


def describe(message: Message) -> dict[str, Any]:
    """A message as plain values under the contract's names; enum values in lower case without their prefix."""
    # The stubs of protobuf have two descriptor classes with the same interface.
    fields = cast("list[FieldDescriptor]", message.DESCRIPTOR.fields)
    return {field.name: _described(field, getattr(message, field.name)) for field in fields}


def _described(field: FieldDescriptor, value: Any) -> Any:
    if field.is_repeated:
        return [_plain(field, one) for one in value]
    return _plain(field, value)


def _plain(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type is not None:
        return describe(value)
    if field.enum_type is not None:
        return _name(field.enum_type, value)
    return round(value, 3) if isinstance(value, float) else value


def _as_text(description: dict[str, Any]) -> list[str]:
    lines = [f"edgeocr {description['version']}, {description['workers']} workers", "models"]
    for model in description["models"]:
        charset = f", {model['charset_size']:,} characters" if model["charset_size"] else ""
        lines.append(
            f"  {model['task']:10} {model['name']} ({model['file_bytes']:,} bytes, {model['licence']}{charset})"
        )
        lines.append(f"  {'':10} sha256 {model['sha256']}")
    lines.append("accepts")
    lines += [f"  {name:13} {', '.join(description[name])}" for name in ("modes", "media_types", "pixel_formats")]
    lines.append("limits")
    lines += [f"  {name:20} {value:>13,}" for name, value in description["limits"].items()]
    return lines


def _name(enum: EnumDescriptor, value: int) -> str:
    # A newer server may send values that this client does not know.
    if value not in enum.values_by_number:
        return str(value)
    prefix = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", enum.name).upper() + "_"
    return enum.values_by_number[value].name.removeprefix(prefix).lower()
