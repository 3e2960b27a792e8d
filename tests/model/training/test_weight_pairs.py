"""Pairs of weights are judged as the kernels of x86-64 CPUs without VNNI multiply them."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgeocr.model.networks import x86_weights
from edgeocr.model.networks.weight_pairs import pairs_fit
from edgeocr.model.networks.x86_weights import UNSIGNED_MEMORY, exact_weights, with_unsigned_weights


def _layer(weights: np.ndarray, kind: str = "ConvInteger", group: int = 1) -> bytes:
    """A network of one operator."""
    attributes = {} if kind == "MatMulInteger" else {"group": group}
    node = helper.make_node(kind, ["x", "w"], ["y"], **attributes)
    shape = ["batch", weights.shape[0]] if kind == "MatMulInteger" else [1, weights.shape[1] * group, "h", "w"]
    graph = helper.make_graph(
        [node],
        "layer",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, shape)],
        [helper.make_tensor_value_info("y", TensorProto.INT32, None)],
        [numpy_helper.from_array(weights, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()


def _run(model: bytes, given: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": given})[0]


@pytest.mark.parametrize("largest", [64, 128])
def test_pairs_that_fit_are_multiplied_exactly(largest: int) -> None:
    rng = np.random.default_rng(largest)
    first = rng.integers(largest - 64, 65, (32, 40))
    sign = rng.choice([-1, 1], first.shape)
    weights = (np.stack([first, largest - first], 2) * sign[..., np.newaxis]).reshape(32, 80)
    weights = np.clip(weights, -127, 127).astype(np.int8)
    given = rng.choice([0, 255], (50, 80)).astype(np.uint8)
    given[:10] = 255
    model = _layer(np.ascontiguousarray(weights.T), "MatMulInteger")
    assert pairs_fit(model)
    np.testing.assert_array_equal(_run(model, given), given.astype(int) @ weights.T.astype(int))


@pytest.mark.parametrize(
    ("weights", "kind", "group", "fits"),
    [
        ([[64, 64]], "ConvInteger", 1, True),
        ([[64, 65]], "ConvInteger", 1, False),
        ([[-64, -65]], "ConvInteger", 1, False),
        ([[127, -127]], "ConvInteger", 1, True),
        # Only the first and second, the third and fourth make pairs.
        ([[1, 127, 127, 1]], "ConvInteger", 1, True),
        ([[1, 1, 127]], "ConvInteger", 1, True),
        ([[127], [127]], "ConvInteger", 2, True),
        ([[64, 65]], "MatMulInteger", 1, True),
        ([[64], [65]], "MatMulInteger", 1, False),
        ([[1, 1]], "Gather", 1, False),
    ],
)
def test_pairs_are_judged_as_kernels_make_them(weights: list[list[int]], kind: str, group: int, fits: bool) -> None:
    values = np.array(weights, np.int8)
    assert pairs_fit(_layer(values[..., None, None] if kind == "ConvInteger" else values, kind, group)) is fits


def test_network_whose_pairs_overflow_gets_unsigned_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    model = _layer(np.full((2, 4, 1, 1), 100, np.int8))
    monkeypatch.setattr(x86_weights, "overflows", lambda: True)
    assert exact_weights(model) == with_unsigned_weights(model) != model
    assert x86_weights.run_memory(model) == UNSIGNED_MEMORY
    monkeypatch.setattr(x86_weights, "overflows", lambda: False)
    assert exact_weights(model) == model
    assert x86_weights.run_memory(model) == 1.0
