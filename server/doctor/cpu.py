"""The processor, and the kernels of ONNX Runtime for integer matrix products on it."""

import re
from dataclasses import dataclass

from edgeocr.server.doctor.system import System

_ARM_PARTS = {
    ("0x41", "0xd03"): "Cortex-A53",
    ("0x41", "0xd05"): "Cortex-A55",
    ("0x41", "0xd07"): "Cortex-A57",
    ("0x41", "0xd08"): "Cortex-A72",
    ("0x41", "0xd0b"): "Cortex-A76",
    ("0x41", "0xd0c"): "Neoverse N1",
    ("0x41", "0xd40"): "Neoverse V1",
    ("0x41", "0xd49"): "Neoverse N2",
    ("0x48", "0xd01"): "Kunpeng 920 (TSV110)",
}
"""Names by implementer and part in /proc/cpuinfo (fields of Arm's MIDR_EL1 register)."""

_RELEVANT = ("asimddp", "i8mm", "sve", "asimdhp", "avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8")


@dataclass(frozen=True, slots=True)
class Cpu:
    """A processor.

    Attributes:
        model: name.
        architecture: "aarch64", "x86-64" or "unknown".
        features: relevant features, by the kernel's names.
        kernels: the instructions for byte products.
        fast: whether these are the instructions that the networks are designed for.
    """

    model: str
    architecture: str
    features: tuple[str, ...]
    kernels: str
    fast: bool


def cpu(system: System) -> Cpu:
    """The machine's processor, from /proc/cpuinfo."""
    arm, x86 = system.field("proc/cpuinfo", "Features"), system.field("proc/cpuinfo", "flags")
    known = frozenset((arm or x86 or "").split())
    features = tuple(name for name in _RELEVANT if name in known)
    if arm is not None:
        return Cpu(_arm_model(system), "aarch64", features, *_arm_kernels(known))
    if x86 is not None:
        model = system.field("proc/cpuinfo", "model name") or "unknown"
        return Cpu(re.sub(r"\s+", " ", model), "x86-64", features, *_x86_kernels(known))
    return Cpu("unknown", "unknown", (), "unknown: /proc/cpuinfo lists no features", fast=False)


def _arm_model(system: System) -> str:
    implementer, part = (system.field("proc/cpuinfo", f"CPU {name}") or "?" for name in ("implementer", "part"))
    return _ARM_PARTS.get((implementer, part), f"implementer {implementer}, part {part}")


def _arm_kernels(features: frozenset[str]) -> tuple[str, bool]:
    if "i8mm" in features:
        return "SMMLA, UMMLA (i8mm)", True
    if "asimddp" in features:
        return "SDOT, UDOT (asimddp)", True
    return "widening multiplications: twice the instructions that dot products (asimddp) take", False


def _x86_kernels(features: frozenset[str]) -> tuple[str, bool]:
    if "avx512_vnni" in features:
        return "VPDPBUSD (AVX-512 VNNI)", True
    if "avx_vnni" in features:
        return "VPDPBUSD (AVX-VNNI)", True
    return "pairs of products in 16 bits, which weights are fitted to: exact, slower than VPDPBUSD", False
