"""Weights as signed bytes of which no two neighbours overflow 16 bits where they are multiplied together.

x86-64 without VNNI multiplies unsigned activations by signed weights two at a time and adds the two products in 16
bits, which saturate. With 255 as the largest activation they cannot, if two neighbouring weights of one sign make 128
at most. Neighbours are the first and second, the third and fourth and so on of an output channel's weights, by rows,
columns and then input channels, which is how convolutions over channels that lie together multiply them.
"""

import numpy as np
from numpy.typing import NDArray

MOST = 127
"""A weight's largest step: zero is step 0, which the fastest kernels ask for, and −128 is not used."""
MOST_TOGETHER = 128
"""Of two neighbours of one sign: 255 × 128 fits into 16 bits, 255 × 129 does not."""

_SHRUNK = np.linspace(1.0, 0.5, 26)
"""How many steps the largest weight may take, as shares of the most: at half of them no two neighbours overflow."""


def pair_steps(weights: NDArray[np.floating]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weights O×I×H×W as steps of −127…127, and each output channel's size of a step, O×1×1×1.

    Of several sizes, each channel has the one that changes its weights least, where neighbours that would overflow are
    moved towards zero, by the same amount if both can.
    """
    count = len(weights)
    flat = np.asarray(weights, np.float64).transpose(0, 2, 3, 1).reshape(count, -1)
    largest = np.maximum(np.abs(flat).max(1, keepdims=True), 1e-9)
    best = np.zeros_like(flat)
    sizes, least = np.zeros((count, 1)), np.full((count, 1), np.inf)
    for share in _SHRUNK:
        size = largest / (MOST * share)
        steps = within_pairs(np.rint(flat / size))
        error = ((steps * size - flat) ** 2).sum(1, keepdims=True)
        better = error < least
        best, sizes, least = (np.where(better, new, old) for new, old in ((steps, best), (size, sizes), (error, least)))
    outputs, inputs, height, width = weights.shape
    ordered = best.reshape(outputs, height, width, inputs).transpose(0, 3, 1, 2)
    return ordered.astype(np.int8), sizes.reshape(-1, 1, 1, 1).astype(np.float32)


def plain_steps(weights: NDArray[np.floating]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """As `pair_steps`, with all steps for every channel: where kernels multiply weights one by one, as depthwise do."""
    sizes = np.maximum(np.abs(weights).max((1, 2, 3), keepdims=True), 1e-9) / MOST
    return np.rint(weights / sizes).astype(np.int8), sizes.astype(np.float32)


def within_pairs(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Whole steps O×K, of which neighbours of one sign that make more than is allowed are moved towards zero."""
    count, length = steps.shape
    pairs = np.pad(steps, ((0, 0), (0, length % 2))).reshape(count, -1, 2).copy()
    together = pairs.sum(2)
    same_sign = pairs.prod(2) > 0
    excess = np.where(same_sign, np.maximum(np.abs(together) - MOST_TOGETHER, 0.0), 0.0)
    # Both are 127 at most, so that each is more than the excess, and none changes its sign.
    first = np.ceil(excess / 2)
    pairs -= np.sign(pairs) * np.stack([first, excess - first], 2)
    return pairs.reshape(count, -1)[:, :length]
