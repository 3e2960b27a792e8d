"""Writing a PyTorch network as ONNX with dynamic axes."""

import os
import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

OPSET = 17

Axes = Mapping[int, str]


def write(
    network: nn.Module, path: Path, example: Tensor, inputs: Mapping[str, Axes], outputs: Mapping[str, Axes]
) -> None:
    """Write a network; the file appears only when it is complete.

    Args:
        network: in evaluation mode.
        path: where to.
        example: an input to trace the network with.
        inputs: name of the one input with the names of its dynamic axes.
        outputs: name of each output with the names of its dynamic axes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}")
    with warnings.catch_warnings():
        # The exporter that reads traces still folds LSTMs best; it warns of its age and of every shape it fixes.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (example,),
            str(partial),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: dict(axes) for name, axes in {**inputs, **outputs}.items()},
            opset_version=OPSET,
            dynamo=False,
        )
    partial.replace(path)
