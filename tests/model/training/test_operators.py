import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgeocr.model.training.evaluation.operators import NO_REASON, operators, table


@pytest.fixture
def mixed():
    """uint8 pixels, a table in integers, then an island of floats."""
    constants = {
        "scale": np.float32(0.05), "zero": np.uint8(0), "out_scale": np.float32(1 / 255), "three": np.float32(3.0)
    }  # fmt: skip
    nodes = [
        helper.make_node("QLinearSigmoid", ["pixels", "scale", "zero", "out_scale", "zero"], ["a"],
                         domain="com.microsoft"),
        helper.make_node("DequantizeLinear", ["a", "out_scale", "zero"], ["b"]),
        helper.make_node("Pow", ["b", "three"], ["c"]),
        helper.make_node("QuantizeLinear", ["c", "out_scale", "zero"], ["d"]),
    ]  # fmt: skip
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["batch", 4, "width", 3])],
        [helper.make_tensor_value_info("d", TensorProto.UINT8, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )  # fmt: skip
    domains = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=domains, ir_version=8)


def test_operators_are_reported_with_their_element_types(mixed):
    found = {operator.kind: (operator.takes, operator.gives, operator.count) for operator in operators(mixed, 32)}
    assert found == {
        "com.microsoft.QLinearSigmoid": (("uint8",), ("uint8",), 1),
        "DequantizeLinear": (("uint8",), ("float",), 1),
        "Pow": (("float",), ("float",), 1),
        "QuantizeLinear": (("float",), ("uint8",), 1),
    }


def test_floats_have_a_reason_or_stand_out_and_integers_need_none(mixed):
    reasons = {operator.kind: operator.reason for operator in operators(mixed, 32)}
    assert reasons["com.microsoft.QLinearSigmoid"] == ""
    assert "takes nothing else" in reasons["DequantizeLinear"]
    assert reasons["Pow"] == NO_REASON


def test_the_table_has_a_row_for_each_and_counts_the_floats(mixed):
    printed = table(operators(mixed, 32))
    assert "| com.microsoft.QLinearSigmoid | uint8 | uint8 | 1 |" in printed
    assert printed.endswith("3 of 4 operators take or give floats.")


def test_the_served_detector_has_no_operator_in_floats(weights):
    found = operators(onnx.load(str(weights / "detector.onnx")), 64)
    assert sum(operator.count for operator in found) > 100
    assert [operator for operator in found if operator.is_float] == []
