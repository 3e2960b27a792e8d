"""Weights are rounded and ordered such that pairs of products fit in 16 bits, and results stay near."""

import numpy as np
import onnx
import onnxruntime
import pytest

from edgeocr.model.networks.weight_pairs import PAIR_LEVELS, largest_pair, pairs_fit
from edgeocr.model.networks.x86_weights import exact_weights
from edgeocr.model.training.integer.channels import free_channels
from edgeocr.model.training.integer.fit_pairs import fit_pairs
from edgeocr.model.training.integer.graphs.writer import UINT8, GraphWriter, value
from edgeocr.model.training.integer.matrices import integer_matrices, moments
from edgeocr.model.training.integer.pairing import excess, order_channels, paired
from edgeocr.model.training.integer.pairs import fitted
from edgeocr.model.training.integer.ranges import Range
from tests.model.training.pipeline.integer.conftest import relative_error

_CHANNELS = 8


def _weights(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape).astype(np.float32)


@pytest.fixture
def graph() -> onnx.ModelProto:
    """Two blocks: dense, depthwise, gate and sum, then a dense convolution of 3×3."""
    rng, writer = np.random.default_rng(0), GraphWriter()
    range_ = Range(-2.0, 2.0)
    x = writer.quantise("bytes", "given", range_)
    x = writer.convolve("first", x, _weights(rng, _CHANNELS, 4, 1, 1), _weights(rng, _CHANNELS), range_)
    own = _weights(rng, _CHANNELS, 1, 3, 3)
    own_bias = _weights(rng, _CHANNELS)
    seen = writer.convolve("own", x, own, own_bias, range_, group=_CHANNELS, pads=[1, 1, 1, 1])
    gate = writer.sigmoid("gate", seen, Range(0.0, 1.0))
    gated = writer.combine("QLinearMul", "gated", seen, gate, range_)
    inner = writer.convolve("inner", gated, _weights(rng, 12, _CHANNELS, 1, 1), _weights(rng, 12), range_)
    back = writer.convolve("back", inner, _weights(rng, _CHANNELS, 12, 1, 1), _weights(rng, _CHANNELS), range_)
    total = writer.combine("QLinearAdd", "total", gated, back, range_)
    weight, bias = _weights(rng, 6, _CHANNELS, 3, 3), _weights(rng, 6)
    last = writer.convolve("last", total, weight, bias, range_, pads=[1, 1, 1, 1])
    given = value("given", onnx.TensorProto.FLOAT, (1, "height", "width", 4))
    return writer.model([given], [value(last.name, UINT8, (1, "height", "width", 6))])


@pytest.fixture
def runs() -> list[dict[str, np.ndarray]]:
    rng = np.random.default_rng(1)
    return [{"given": rng.normal(0, 0.5, (1, 6, 7, 4)).astype(np.float32)} for _ in range(8)]


def _run(model: onnx.ModelProto, run: dict[str, np.ndarray]) -> np.ndarray:
    content = exact_weights(model.SerializeToString())
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(None, run)[0]


def test_rows_whose_pairs_fit_stay_as_they_are() -> None:
    rng = np.random.default_rng(0)
    steps = rng.integers(-64, 65, (5, 10)).astype(np.int8)
    rows = fitted(steps, np.eye(10))
    np.testing.assert_array_equal(rows.steps, steps)
    np.testing.assert_array_equal(rows.growth, 1)


@pytest.mark.parametrize("count", [2, 9, 40])
def test_fitted_pairs_fit_and_results_stay_near(count: int) -> None:
    rng = np.random.default_rng(count)
    steps = rng.integers(-127, 128, (30, count)).astype(np.int8)
    inputs = rng.normal(0, 1, (500, count)) @ rng.normal(0, 1, (count, count))
    gram = inputs.T @ inputs
    rows = fitted(steps, gram)
    assert (largest_pair(steps) > PAIR_LEVELS).any()
    assert largest_pair(rows.steps).max() <= PAIR_LEVELS
    assert np.abs(rows.steps).max() <= 127
    found = inputs @ (rows.steps * rows.growth[:, np.newaxis]).T
    assert relative_error(found, inputs @ steps.T.astype(float)) < 0.03


def test_later_weights_make_up_for_what_a_pair_loses() -> None:
    rng = np.random.default_rng(0)
    steps = rng.integers(-40, 41, (1, 6)).astype(np.int8)
    steps[0, :2] = 110
    # The third input says the same as the first two.
    base = rng.normal(0, 1, (400, 6))
    base[:, 1] = base[:, 0] + 0.1 * base[:, 1]
    base[:, 2] = base[:, 0] + 0.1 * base[:, 2]
    rows = fitted(steps, base.T @ base)
    wanted, found = base @ steps[0].astype(float), base @ (rows.steps[0] * rows.growth[0])
    shrunk = steps.astype(float)
    shrunk[0, :2] = PAIR_LEVELS / 2
    assert relative_error(found, wanted) < 0.2 * relative_error(base @ shrunk[0], wanted)


def test_channels_are_paired_where_no_pair_is_too_large() -> None:
    rows = np.full((1, 8), 20, np.int8)
    rows[0, [0, 1, 4]] = 120
    order = paired(excess(rows))
    assert sorted(order) == list(range(8))
    assert largest_pair(rows).max() > PAIR_LEVELS
    np.testing.assert_array_equal(largest_pair(rows[:, order]), [140])
    rows[0, rows[0] == 20] = 8
    np.testing.assert_array_equal(largest_pair(rows[:, paired(excess(rows))]), [PAIR_LEVELS])


def test_order_of_channels_changes_no_result(graph: onnx.ModelProto, runs: list[dict[str, np.ndarray]]) -> None:
    before = [_run(graph, run) for run in runs]
    weights = {constant.name: constant.raw_data for constant in graph.graph.initializer}
    order_channels(graph)
    assert {constant.name for constant in graph.graph.initializer if constant.raw_data != weights[constant.name]} >= {
        "first.weight",
        "back.weight",
    }
    for run, wanted in zip(runs, before, strict=True):
        np.testing.assert_array_equal(_run(graph, run), wanted)


def test_only_channels_between_convolutions_may_change_places(graph: onnx.ModelProto) -> None:
    assert [(channels.count, len(channels.read)) for channels in free_channels(graph)] == [(_CHANNELS, 2), (12, 1)]
    # Whoever reads the sum outside depends on the order of its channels.
    graph.graph.output.append(onnx.ValueInfoProto(name="total"))
    assert [channels.count for channels in free_channels(graph)] == [12]


def test_moments_are_of_what_each_matrix_multiplies(graph: onnx.ModelProto, runs: list[dict[str, np.ndarray]]) -> None:
    names = [matrix.weight for matrix in integer_matrices(graph)]
    assert names == ["first.weight", "inner.weight", "back.weight", "last.weight"]
    found = dict(zip(names, moments(graph, runs[:1]), strict=True))
    given = np.rint(runs[0]["given"].reshape(-1, 4) / Range(-2.0, 2.0).scale)
    moments_of_it = given.T @ given
    # The diagonal is what a matrix with independent inputs of one size has, as well.
    damped = moments_of_it + np.eye(4) * np.trace(moments_of_it) / len(given)
    np.testing.assert_allclose(found["first.weight"], damped, rtol=0.02, atol=40)
    assert found["last.weight"].shape == (9 * _CHANNELS, 9 * _CHANNELS)
    # Of nine places of a patch, the middle one is seen everywhere, a corner one row and one column less.
    sizes = np.diag(found["last.weight"]).reshape(9, _CHANNELS).sum(1)
    assert sizes[4] > sizes[[0, 2, 6, 8]].max()


def test_fitted_network_is_exact_everywhere_and_near_what_it_was(
    graph: onnx.ModelProto, runs: list[dict[str, np.ndarray]]
) -> None:
    before = np.concatenate([_run(graph, run).ravel() for run in runs]).astype(float)
    assert not pairs_fit(graph.SerializeToString())
    fit_pairs(graph, runs)
    assert pairs_fit(graph.SerializeToString())
    after = np.concatenate([_run(graph, run).ravel() for run in runs]).astype(float)
    assert 0 < relative_error(after, before) < 0.1


def test_a_fitted_network_stays_as_it_is(graph: onnx.ModelProto, runs: list[dict[str, np.ndarray]]) -> None:
    fit_pairs(graph, runs)
    before = graph.SerializeToString()
    fit_pairs(graph, runs)
    assert graph.SerializeToString() == before
