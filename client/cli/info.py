"""`edgeocr info`: what a server is, which models it runs, and what it accepts."""

import argparse
import json
from typing import Any

from edgeocr.client.cli.target import (
    ANSWER_SECONDS,
    add_target,
    add_tls,
    add_token,
    connect,
    report_unreachable,
)
from edgeocr.client.errors import OcrError
from edgeocr.proto.edgeocr.v1 import ocr_pb2

SUMMARY = "describe a server"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add_target(parser)
    add_tls(parser)
    add_token(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="form of the output (default: text)")


def run(arguments: argparse.Namespace) -> int:
    """Prints the description; returns 0, or 3 if no server answers."""
    with connect(arguments) as client:
        try:
            info = client.info(timeout_seconds=ANSWER_SECONDS)
        except OcrError as error:
            return report_unreachable(arguments.target, error)
    description = describe(info)
    if arguments.format == "json":
        print(json.dumps(description, ensure_ascii=False, allow_nan=False, indent=2))
    else:
        print("\n".join(_as_text(description)))
    return 0


def describe(info: ocr_pb2.GetServerInfoResponse) -> dict[str, Any]:
    """The description as plain values, named as in the contract; enum values without their prefix, in lower case."""
    return {
        "version": info.version,
        "workers": info.workers,
        "models": [
            {
                "task": _name("ModelTask", model.task, "MODEL_TASK_"),
                "name": model.name,
                "sha256": model.sha256,
                "file_bytes": model.file_bytes,
                "licence": model.licence,
                "charset_size": model.charset_size,
            }
            for model in info.models
        ],
        "media_types": list(info.media_types),
        "pixel_formats": [_name("PixelFormat", form, "PIXEL_FORMAT_") for form in info.pixel_formats],
        "modes": [_name("Mode", mode, "MODE_") for mode in info.modes],
        "limits": {
            "image_bytes": info.limits.image_bytes,
            "image_pixels": info.limits.image_pixels,
            "min_side_pixels": info.limits.min_side_pixels,
            "line_aspect_ratio": round(info.limits.line_aspect_ratio, 3),
            "line_height_pixels": info.limits.line_height_pixels,
            "stream_images": info.limits.stream_images,
            "queue_images": info.limits.queue_images,
            "caller_images": info.limits.caller_images,
            "image_id_bytes": info.limits.image_id_bytes,
            "remembered_image_ids": info.limits.remembered_image_ids,
            "message_bytes": info.limits.message_bytes,
            "memory_budget_bytes": info.limits.memory_budget_bytes,
            "image_memory_bytes": info.limits.image_memory_bytes,
            "waiting_bytes": info.limits.waiting_bytes,
            "arriving_bytes": info.limits.arriving_bytes,
            "document_pages": info.limits.document_pages,
            "min_dots_per_inch": info.limits.min_dots_per_inch,
            "max_dots_per_inch": info.limits.max_dots_per_inch,
            "file_bytes": info.limits.file_bytes,
            "chunk_seconds": info.limits.chunk_seconds,
            "queue_seconds": round(info.limits.queue_seconds, 3),
            "upload_seconds": info.limits.upload_seconds,
            "decoder_bytes": info.limits.decoder_bytes,
            "decode_seconds": info.limits.decode_seconds,
            "spool_bytes": info.limits.spool_bytes,
        },
    }


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


def _name(enum: str, value: int, prefix: str) -> str:
    values = ocr_pb2.DESCRIPTOR.enum_types_by_name[enum].values_by_number
    # A newer server may have values that this client has no name for.
    return values[value].name.removeprefix(prefix).lower() if value in values else str(value)
