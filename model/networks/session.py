"""A network: an ONNX graph in an ONNX Runtime session that all workers share.

This is the only module that imports onnxruntime.
"""

import math
from typing import Generic, TypeVar

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from edgeocr.model.errors import BadModel, OutOfMemory
from edgeocr.model.networks.manifest import NetworkFile
from edgeocr.model.networks.x86_weights import exact_weights

_NO_MEMORY = "bad_alloc"
Scalar = TypeVar("Scalar", bound=np.generic)

_KINDS: dict[type[np.generic], str] = {np.uint8: "tensor(uint8)", np.float32: "tensor(float)"}


class Buffer(Generic[Scalar]):
    """Reusable memory for one array at a time; for one thread.

    It grows as needed, or has a given size from the start: then larger arrays are not kept.
    """

    def __init__(self, dtype: type[Scalar], size: int = 0) -> None:
        # Filled, so that the memory is really there from the start.
        self._flat: NDArray[Scalar] = np.ones(size, dtype)
        self._grows = size == 0

    def array(self, shape: tuple[int, ...]) -> NDArray[Scalar]:
        """A contiguous, uninitialised array of this shape; invalidates the previous one."""
        size = math.prod(shape)
        if self._flat.size < size:
            larger = np.empty(size, self._flat.dtype)
            if not self._grows:
                return larger.reshape(shape)
            self._flat = larger
        return self._flat[:size].reshape(shape)


def session_options() -> onnxruntime.SessionOptions:
    """The session options of every network."""
    options = onnxruntime.SessionOptions()
    # One thread per call: the worker pool provides parallelism. An explicit count also keeps ONNX Runtime from setting
    # thread affinities, which fails in containers.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # The arena never returns memory to the system; malloc does.
    options.enable_cpu_mem_arena = False
    # With a pattern, a run allocates one block and frees it as a whole; separate tensors would fragment the heap. Each
    # shape permanently takes 4 to 12 kB for its pattern, and buckets keep the number of shapes small.
    options.enable_mem_pattern = True
    return options


class Network(Generic[Scalar]):
    """One graph with one uint8 input and one output; `run` may be called by many threads at once."""

    def __init__(self, file: NetworkFile, output: type[Scalar]) -> None:
        """Loads a graph whose output has elements of this type.

        Raises:
            BadModel: it was altered, ONNX Runtime cannot load it, or its input or output has another type.
        """
        data = file.read()
        try:
            model = exact_weights(data)
            self._session = onnxruntime.InferenceSession(model, session_options(), providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's exceptions share no base class.
            raise BadModel(f"{file.path}: ONNX Runtime cannot load it: {error}") from None
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        kinds = [value.type for value in (*inputs, *outputs)]
        expected = [_KINDS[np.uint8], _KINDS[output]]
        if kinds != expected:
            raise BadModel(f"{file.path}: has inputs and outputs {kinds}, not {expected}")
        self._input, self._output, self._element = inputs[0].name, outputs[0].name, output

    def run(self, given: NDArray[np.uint8], out: NDArray[Scalar]) -> None:
        """Runs the graph on a contiguous input, and writes into `out`, which must have the output's shape.

        Raises:
            OutOfMemory: there is no memory for the run.
        """
        binding = self._session.io_binding()
        binding.bind_cpu_input(self._input, given)
        binding.bind_output(self._output, "cpu", 0, self._element, out.shape, out.ctypes.data)
        try:
            self._session.run_with_iobinding(binding)
        except Exception as error:  # Again without a base class, and without one for this.
            if _NO_MEMORY in str(error):
                raise OutOfMemory from None
            raise
