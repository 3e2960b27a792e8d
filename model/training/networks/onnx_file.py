"""Writes a recogniser's network as ONNX with dynamic batch and width, and opens networks."""

import os
import warnings
from collections.abc import Mapping
from pathlib import Path

import onnxruntime
import torch
from torch import nn

from edgeocr.model.networks.x86_weights import exact_weights
from edgeocr.model.training.networks.backbone import HEIGHT_PIXELS

OPSET = 17


def write(network: nn.Module, path: Path, outputs: Mapping[str, Mapping[int, str]]) -> None:
    """Write a network whose one input, "lines", is N×3×48×W, atomically.

    Args:
        network: in evaluation mode.
        path: where to.
        outputs: name of each output with the names of its dynamic axes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}")
    with warnings.catch_warnings():
        # The tracing exporter still exports LSTMs best; it warns of its age and of every shape that it makes constant.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(2, 3, HEIGHT_PIXELS, 320),),
            str(partial),
            input_names=["lines"],
            output_names=list(outputs),
            dynamic_axes={"lines": {0: "batch", 3: "width"}, **{name: dict(axes) for name, axes in outputs.items()}},
            opset_version=OPSET,
            dynamo=False,
        )
    partial.replace(path)


def on_one_thread(model: bytes) -> onnxruntime.InferenceSession:
    """A session of an ONNX file's content, exact on this CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(exact_weights(model), options, providers=["CPUExecutionProvider"])
