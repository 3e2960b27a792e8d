import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.checks.arm64.kernels import Kernel, operator_table, runs, variant_table
from tests.checks.arm64.operators import operators
from tests.checks.arm64.variants import variants
from tests.selftests.arm64.test_counts import count, line

CHANNELS = 8


def network() -> onnx.ModelProto:
    """Two convolutions of one shape and a third of another, channels last, on bytes."""
    random = np.random.default_rng(0)
    constants = {"scale": np.float32(0.1), "zero": np.uint8(128), "weight_zero": np.zeros(CHANNELS, np.int8)}
    constants |= {"weight_scale": np.full(CHANNELS, 0.01, np.float32)}
    nodes = []
    # Small enough for pairs of products to fit into 16 bits, which is all that some x86-64 CPUs add them up in.
    for number, size in enumerate((1, 1, 3)):
        weights = random.integers(-60, 61, (CHANNELS, CHANNELS, size, size)).astype(np.int8)
        constants |= {f"weights{number}": weights, f"bias{number}": random.integers(-9, 9, CHANNELS).astype(np.int32)}
        names = [f"t{number}", "scale", "zero", f"weights{number}", "weight_scale", "weight_zero", "scale", "zero"]
        nodes.append(
            helper.make_node(
                "QLinearConv",
                [*names, f"bias{number}"],
                [f"t{number + 1}"],
                domain="com.microsoft",
                channels_last=1,
                pads=[size // 2] * 4,
            )
        )
    ends = [helper.make_tensor_value_info(name, TensorProto.UINT8, [1, "h", "w", CHANNELS]) for name in ("t0", "t3")]
    initialisers = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "network", ends[:1], ends[1:], initialisers)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def ran(model: onnx.ModelProto, value: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (out,) = session.run(None, {session.get_inputs()[0].name: value})
    return out


def test_operators_are_distinguished_by_their_shapes_and_do_what_they_do_in_the_network():
    pixels = np.random.default_rng(1).integers(0, 256, (1, 6, 5, CHANNELS)).astype(np.uint8)
    model = network()
    pointwise, spatial = operators(model, {"t0": pixels})
    assert (pointwise.nodes, spatial.nodes) == (2, 1)
    assert "3×3" in spatial.name
    model.graph.output[0].name = "t1"
    del model.graph.node[1:]
    assert np.array_equal(ran(pointwise.model, pixels), ran(model, pixels))


def test_other_ways_to_run_a_convolution_give_its_numbers():
    pixels = np.random.default_rng(1).integers(0, 256, (1, 6, 5, CHANNELS)).astype(np.uint8)
    pointwise, spatial = operators(network(), {"t0": pixels})
    for operator in (pointwise, spatial):
        expected = ran(operator.model, pixels).astype(int)
        found = dict(variants(operator.model))
        first = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        signed = ran(found["signed activations"], (pixels ^ 0x80).view(np.int8)).astype(int)
        assert np.array_equal(signed + 128, expected)
        assert np.array_equal(ran(found["channels first"], first).transpose(0, 2, 3, 1), expected)
        # Floats may round the other way.
        around = ran(found["quantised around a float convolution (QDQ)"], first).transpose(0, 2, 3, 1)
        assert abs(around - expected).max() <= 1
    assert "as a product of matrices" in dict(variants(pointwise.model))
    assert "as a product of matrices" not in dict(variants(spatial.model))


def test_each_run_lies_between_two_marks():
    report = [line(1, total=10), line(0, total=15), line(1, total=100), line(0, total=107, udot=2)]
    assert runs("\n".join(report)) == [count(5), count(7, dot=2)]
    with pytest.raises(ValueError, match="has no end"):
        runs("\n".join(report[:-1]))


def test_tables_weigh_operators_by_their_number_and_ways_by_what_is_served():
    kernels = [
        Kernel("QLinearConv 1×1", 3, count(2_000_000, dot=500_000), onnx.ModelProto()),
        Kernel("Add", 2, count(1_000_000), onnx.ModelProto()),
    ]
    *_, convolution, add, whole = operator_table(kernels).splitlines()
    assert convolution == "| QLinearConv 1×1 | 3 | 6.00 | 75.0% | 25.0% | 4.0 |"
    assert add == "| Add | 2 | 2.00 | 25.0% | 0.0% | – |"
    assert whole.startswith("| all | 5 | 8.00 | 100.0% |")
    table = variant_table(kernels, [{"unsigned": 1_000_000, "product": 3_000_000}, {"unsigned": 1_500_000}])
    assert table.splitlines()[2:] == ["| QLinearConv 1×1 | 0.50 | 1.50 |", "| Add | 1.50 | – |"]
