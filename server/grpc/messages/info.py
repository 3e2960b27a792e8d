"""The answer of GetServerInfo."""

from dataclasses import fields

from edgeocr.model.files.document_options import LEAST_DOTS_PER_INCH, MOST_DOTS_PER_INCH
from edgeocr.model.limits import Limits
from edgeocr.model.networks.manifest import Manifest, NetworkFile, RecogniserSpec
from edgeocr.model.options import Reading
from edgeocr.model.results import LineReader
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.grpc.image_ids import IMAGE_ID_BYTES, REMEMBERED_IMAGE_IDS
from edgeocr.server.grpc.messages.convert import PIXEL_FORMATS, READINGS
from edgeocr.server.grpc.messages.result_messages import LINE_READERS
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.limits import opening_plan
from edgeocr.server.memory.reservation import Use
from edgeocr.server.memory.upload import CHUNK_SECONDS
from edgeocr.server.scheduling.queue import most_of_one_caller
from edgeocr.server.settings.config import Config

MESSAGE_ROOM_BYTES = 1 << 20


def info_message(
    manifest: Manifest, config: Config, limits: Limits, budget: Budget, *, version: str, workers: int
) -> ocr_pb2.GetServerInfoResponse:
    """Describes a server with these weights, settings, limits and budget."""
    readings = [reading for reading in Reading if manifest.fast_recogniser or reading is not Reading.FAST]
    readings.sort(key=lambda reading: reading != config.reading)
    return ocr_pb2.GetServerInfoResponse(
        version=version,
        models=[
            _model_message(ocr_pb2.MODEL_TASK_DETECT, manifest.detector.file),
            *_recogniser_messages(manifest.recogniser, LineReader.ACCURATE),
            *(_recogniser_messages(manifest.fast_recogniser, LineReader.FAST) if manifest.fast_recogniser else ()),
        ],
        media_types=limits.media_types,
        pixel_formats=list(PIXEL_FORMATS),
        modes=[ocr_pb2.MODE_PAGE, ocr_pb2.MODE_LINE],
        limits=_limits_message(config, limits, budget),
        workers=workers,
        readings=[READINGS[reading] for reading in readings],
    )


def _recogniser_messages(spec: RecogniserSpec, reader: LineReader) -> list[ocr_pb2.ModelInfo]:
    return [
        _model_message(ocr_pb2.MODEL_TASK_RECOGNIZE, file, len(spec.charset), reader) for file in (spec.file, spec.head)
    ]


def _model_message(
    task: ocr_pb2.ModelTask.ValueType, file: NetworkFile, charset_size: int = 0, reader: LineReader | None = None
) -> ocr_pb2.ModelInfo:
    return ocr_pb2.ModelInfo(
        task=task,
        name=file.name,
        sha256=file.sha256,
        file_bytes=file.file_bytes,
        licence=file.licence,
        charset_size=charset_size,
        reader=LINE_READERS[reader],
    )


def message_bytes(image_bytes: int) -> int:
    """The maximum size of a message.

    A larger message ends its call, while an image beyond image_bytes only gets an error; so this limit is larger.
    """
    return image_bytes + MESSAGE_ROOM_BYTES


def _limits_message(config: Config, limits: Limits, budget: Budget) -> ocr_pb2.Limits:
    """The contract's Limits, from settings and limits of the same name, and derived values."""
    known = {setting.name: getattr(config, setting.name) for setting in fields(config)}
    known |= {limit.name: getattr(limits, limit.name) for limit in fields(limits)}
    known |= {
        "caller_images": most_of_one_caller(config.queue_images),
        "image_id_bytes": IMAGE_ID_BYTES,
        "remembered_image_ids": REMEMBERED_IMAGE_IDS,
        "message_bytes": message_bytes(limits.image_bytes),
        "memory_budget_bytes": budget.total_bytes,
        "image_memory_bytes": budget.most_bytes(Use.RUNNING),
        "waiting_bytes": budget.most_bytes(Use.WAITING),
        "arriving_bytes": budget.most_bytes(Use.ARRIVING),
        "min_dots_per_inch": LEAST_DOTS_PER_INCH,
        "max_dots_per_inch": MOST_DOTS_PER_INCH,
        "chunk_seconds": CHUNK_SECONDS,
        "decoder_bytes": opening_plan(budget).finding_bytes,
        "spool_bytes": budget.spool_bytes,
    }
    return ocr_pb2.Limits(**{name: known[name] for name in ocr_pb2.Limits.DESCRIPTOR.fields_by_name})


def limits_text(info: ocr_pb2.GetServerInfoResponse) -> str:
    """All limits in a line for the log."""
    values = {name: getattr(info.limits, name) for name in ocr_pb2.Limits.DESCRIPTOR.fields_by_name}
    return ", ".join(f"{name} {value if isinstance(value, int) else f'{value:g}'}" for name, value in values.items())
