"""What a report says about the machine and the versions: its kind, never its name."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from edgeocr.server.host.cpus import usable_cpus

_TELLING_FEATURES = ("asimddp", "i8mm", "sve", "avx2", "avx512_vnni", "avx_vnni")
_PACKAGES = ("edgeocr", "grpcio", "protobuf", "onnxruntime", "numpy", "opencv-python-headless")


def machine_facts() -> dict[str, str]:
    """Processor, memory, versions, and what else the machine did."""
    cpuinfo = Path("/proc/cpuinfo").read_text()
    words = set(cpuinfo.split())
    memory_kb = next(row.split()[1] for row in Path("/proc/meminfo").read_text().splitlines() if "MemTotal" in row)
    models = {row.partition(":")[2].strip() for row in cpuinfo.splitlines() if row.startswith("model name")}
    features = ", ".join(feature for feature in _TELLING_FEATURES if feature in words)
    return {
        "machine": f"{platform.machine()}, {usable_cpus()} usable processors, {int(memory_kb) / 2**20:.0f} GiB",
        "processor": ", ".join(sorted(models)) + (f" ({features})" if features else ""),
        "load average before": f"{os.getloadavg()[0]:.1f}",
        "versions": ", ".join(
            [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in _PACKAGES)]
        ),
    }
