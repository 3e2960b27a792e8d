"""The content of a request of the protocol: an input of images, parameters, and requested outputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias, TypeVar

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files.image import ImageSource
from edgeocr.model.options import Mode, Reading
from edgeocr.server.inference.outputs import BYTES, OUTPUTS

INPUT = "image"
_FINAL = "triton_enable_empty_final_response"
"""Triton's parameter that requests an empty final answer, which is unnecessary here: each request has one answer."""
_MICROSECONDS = 1e6
_MOST_MICROSECONDS = (1 << 64) - 1

Value: TypeAlias = object
"""A parameter's value: a boolean, a number or a text; unvalidated, so possibly anything else."""
Parameters: TypeAlias = Mapping[str, Value]
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Tensor:
    """The description of an input, or, with only a name and parameters, of a requested output."""

    name: str
    datatype: str = ""
    shape: Sequence[int] = ()
    parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choices:
    """How images are read, and how long that may take; None for no limit, and for what the server does by default."""

    mode: Mode = Mode.PAGE
    reading: Reading | None = None
    timeout_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A validated request."""

    images: list[ImageSource]
    choices: Choices
    outputs: Sequence[str]
    raw: bool


def image_count(inputs: Sequence[Tensor], most_images: int) -> int:
    """The number of images according to a request's inputs.

    Raises:
        InvalidInput: the inputs are invalid; the text names the field.
    """
    names = [tensor.name for tensor in inputs]
    if names != [INPUT]:
        raise InvalidInput(f"inputs: {_listed(names)}; there must be one, {INPUT}")
    (tensor,) = inputs
    _check_known(tensor.parameters, f"inputs.{INPUT}.parameters", "binary_data_size")
    if tensor.datatype != BYTES:
        raise InvalidInput(f"inputs.{INPUT}.datatype: {tensor.datatype!r}, it must be {BYTES}")
    shape = list(tensor.shape)
    if len(shape) != 1 or not 1 <= shape[0] <= most_images:
        raise InvalidInput(
            f"inputs.{INPUT}.shape: {shape[:8]}, it must be [n], n from 1 to {most_images} (stream_images)"
        )
    return shape[0]


def choices(parameters: Parameters) -> Choices:
    """What a request's parameters choose.

    Raises:
        InvalidInput: a parameter is unknown or invalid.
    """
    if unknown := sorted(set(parameters) - {"mode", "reading", "timeout", _FINAL}):
        raise InvalidInput(f"parameters: {_listed(unknown)}; known are 'mode', 'reading' and 'timeout'")
    timeout_seconds = None
    if "timeout" in parameters:
        given = parameters["timeout"]
        if not isinstance(given, int) or isinstance(given, bool) or not 0 < given <= _MOST_MICROSECONDS:
            raise InvalidInput("parameters.timeout: must be a whole number of microseconds, more than 0")
        timeout_seconds = given / _MICROSECONDS
    return Choices(
        _chosen(parameters, "mode", Mode) or Mode.PAGE, _chosen(parameters, "reading", Reading), timeout_seconds
    )


def _chosen(parameters: Parameters, name: str, known: type[Choice]) -> Choice | None:
    if name not in parameters:
        return None
    text = parameters[name]
    if not isinstance(text, str) or text not in list(known):
        shown = repr(text[:32]) if isinstance(text, str) else "a value that is not a string"
        raise InvalidInput(f"parameters.{name}: {shown} is unknown, known are {', '.join(known)}, as a string")
    return known(text)


def wanted(outputs: Sequence[Tensor]) -> Sequence[str]:
    """The names of the requested outputs, by default all.

    Raises:
        InvalidInput: an output is unknown or named twice.
    """
    names = [output.name for output in outputs]
    if unknown := [name for name in names if name not in OUTPUTS]:
        raise InvalidInput(f"outputs: {_listed(unknown)}; known are {', '.join(OUTPUTS)}")
    if len(set(names)) < len(names):
        raise InvalidInput("outputs: one is named twice")
    for output in outputs:
        _check_known(output.parameters, f"outputs.{output.name}.parameters", "binary_data")
    return names or list(OUTPUTS)


def _listed(names: Sequence[str]) -> str:
    return (
        ", ".join(repr(name[:64]) for name in names[:4]) + (" and more" if len(names) > 4 else "") if names else "none"
    )


def _check_known(parameters: Parameters, field_name: str, known: str) -> None:
    """Refuses parameters other than the one for raw form, which clients send in every transport."""
    if unknown := sorted(set(parameters) - {known}):
        raise InvalidInput(f"{field_name}: {_listed(unknown)}; known is {known!r}")
