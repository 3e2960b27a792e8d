"""Descriptions of the server and its model in the protocol's and Triton's forms, as JSON; messages follow from it."""

from typing import Any

from edgeocr.server.inference.model import NAME, InferenceModel
from edgeocr.server.inference.outputs import BYTES, OUTPUTS
from edgeocr.server.inference.question import INPUT

_TRITON_TYPES = {"BYTES": "TYPE_STRING", "FP32": "TYPE_FP32"}


def metadata(model: InferenceModel) -> dict[str, Any]:
    """The model's metadata."""
    return {
        "name": NAME,
        "versions": [model.version],
        "platform": NAME,
        "inputs": [{"name": INPUT, "datatype": BYTES, "shape": [-1]}],
        "outputs": [{"name": name, "datatype": kind, "shape": [-1]} for name, (kind, _) in OUTPUTS.items()],
    }


def config() -> dict[str, Any]:
    """The model's configuration in Triton's form."""
    return {
        "name": NAME,
        "platform": NAME,
        "backend": NAME,
        "max_batch_size": 0,
        "input": [{"name": INPUT, "data_type": _TRITON_TYPES[BYTES], "dims": [-1]}],
        "output": [
            {"name": name, "data_type": _TRITON_TYPES[kind], "dims": [-1]} for name, (kind, _) in OUTPUTS.items()
        ],
    }


def statistics(model: InferenceModel, version: str = "") -> dict[str, Any]:
    """Statistics of the protocol over all transports in Triton's form, under the requested version."""
    counted = model.statistics
    found = {
        "name": NAME,
        "version": version or model.version,
        "last_inference": counted.last_inference,
        "inference_count": counted.images,
        "execution_count": counted.images,
        "inference_stats": {
            name: {"count": duration.count, "ns": duration.nanoseconds}
            for name, duration in counted.durations().items()
        },
        "batch_stats": [],
    }
    return {"model_stats": [found]}
