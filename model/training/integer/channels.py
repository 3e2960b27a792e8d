"""Finds which channels of an integer graph may stand in another order, and where that order shows.

Between dense convolutions, channels pass through depthwise ones, sums, products, gates and pools, each by itself. So
they may stand in any order that all of these share, and that the convolutions that make and read them follow.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import onnx

from edgeocr.model.training.integer.matrices import Array, attributes, constants

_EACH = {"QLinearSigmoid", "QLinearMul", "QLinearAdd", "NhwcMaxPool", "QLinearGlobalAveragePool",
         "DequantizeLinear", "Transpose", "HardSigmoid", "Mul"}  # fmt: skip
"""Operators that take each channel by itself, alike, wherever the channels' axis is."""

_CONVOLUTIONS = {"QLinearConv": (3, (4, 8)), "Conv": (1, (2,))}
"""The places of a convolution's weight and of its numbers for each result, among the inputs. Zero points are zero."""

_READERS = {"MatMulIntegerToFloat": (1, 0), "DynamicQuantizeLSTM": (1, 1)}
"""The place of a matrix among the inputs, and its axis that channels are read along."""


@dataclass(frozen=True)
class Part:
    """A stretch of an initialiser's axis that follows the order of some channels.

    Attributes:
        name: the initialiser's.
        axis: of it.
        first: where the stretch begins.
    """

    name: str
    axis: int
    first: int = 0


@dataclass
class Channels:
    """Channels that stand in one order.

    Attributes:
        count: how many.
        made: what convolutions make them with, or take each with by itself.
        read: what convolutions read them with, together.
        is_fixed: whether something else depends on their order.
    """

    count: int
    made: list[Part] = field(default_factory=list)
    read: list[Part] = field(default_factory=list)
    is_fixed: bool = False


class _Groups:
    """The channels of tensors; a tensor has one group, or several that are joined one after the other."""

    def __init__(self, constants: Mapping[str, Array]) -> None:
        self._constants = constants
        self._of: dict[str, tuple[int, ...]] = {}
        self._found: list[Channels] = []
        self._same: list[int] = []

    def take(self, node: onnx.NodeProto) -> None:
        """Follow the channels through an operator."""
        data = [name for name in node.input if name and name not in self._constants]
        known = [self._of[name] for name in data if name in self._of]
        if node.op_type in _CONVOLUTIONS:
            self._of[node.output[0]] = self._convolved(node, known[0] if known else ())
        elif node.op_type in _READERS and known:
            place, axis = _READERS[node.op_type]
            self._read(known[0], node.input[place], axis)
        elif node.op_type in _EACH and known and len(known) == len(data) and not self._has_vectors(node):
            for other in known[1:]:
                self._join(known[0], other)
            self._of[node.output[0]] = known[0]
        elif node.op_type == "Reshape" and known and self._keeps_channels(node, known[0]):
            self._of[node.output[0]] = known[0]
        elif node.op_type == "QLinearConcat" and len(known) == len(data):
            self._of[node.output[0]] = tuple(group for groups in known for group in groups)
        else:
            for groups in known:
                self._fix(groups)

    def free(self, outputs: Sequence[str]) -> Iterator[Channels]:
        """Those whose order nothing else depends on; the graph's outputs do."""
        for name in outputs:
            self._fix(self._of.get(name, ()))
        for number, found in enumerate(self._found):
            if self._root(number) == number and not found.is_fixed:
                yield found

    def _has_vectors(self, node: onnx.NodeProto) -> bool:
        return any(self._constants[name].ndim > 0 for name in node.input if name in self._constants)

    def _keeps_channels(self, node: onnx.NodeProto, groups: tuple[int, ...]) -> bool:
        """Whether a change of shape leaves the last axis as it is."""
        shape = self._constants.get(node.input[1])
        count = sum(self._found[self._root(group)].count for group in groups)
        return shape is not None and int(shape[-1]) == count

    def _convolved(self, node: onnx.NodeProto, source: tuple[int, ...]) -> tuple[int, ...]:
        place, vectors = _CONVOLUTIONS[node.op_type]
        weight = node.input[place]
        count, inputs = self._constants[weight].shape[:2]
        numbers = [node.input[vector] for vector in vectors if vector < len(node.input)]
        made = [Part(name, 0) for name in (weight, *numbers) if self._constants[name].ndim > 0]
        if attributes(node).get("group", 1) == 1:
            self._read(source, weight, 1)
            self._same.append(len(self._same))
            self._found.append(Channels(count, made))
            return (self._same[-1],)
        if len(source) != 1 or inputs != 1:
            self._fix(source)
            return ()
        self._found[self._root(source[0])].made += made
        return source

    def _read(self, groups: Sequence[int], weight: str, axis: int) -> None:
        first = 0
        for group in groups:
            found = self._found[self._root(group)]
            found.read.append(Part(weight, axis, first))
            first += found.count

    def _root(self, group: int) -> int:
        while self._same[group] != group:
            group = self._same[group]
        return group

    def _join(self, first: Sequence[int], second: Sequence[int]) -> None:
        counts = [[self._found[self._root(group)].count for group in groups] for groups in (first, second)]
        if counts[0] != counts[1]:
            self._fix([*first, *second])
            return
        for one, other in zip(first, second, strict=True):
            kept, lost = self._root(one), self._root(other)
            if kept != lost:
                self._same[lost] = kept
                mine, others = self._found[kept], self._found[lost]
                mine.made += others.made
                mine.read += others.read
                mine.is_fixed |= others.is_fixed

    def _fix(self, groups: Sequence[int]) -> None:
        for group in groups:
            self._found[self._root(group)].is_fixed = True


def free_channels(model: onnx.ModelProto) -> list[Channels]:
    """The channels of a graph that may stand in another order."""
    groups = _Groups(constants(model))
    for node in model.graph.node:
        groups.take(node)
    return list(groups.free([output.name for output in model.graph.output]))
