"""Examines a machine from the server's point of view."""

import ctypes
import math
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec

from edgeocr.server.doctor.cpu import cpu
from edgeocr.server.doctor.report import Advice, Finding, Report, Verdict
from edgeocr.server.doctor.system import Node, System
from edgeocr.server.host import cpus, heap, memory
from edgeocr.server.host.cgroup import cgroup_folders
from edgeocr.server.settings.config import Config

_MEBIBYTE = 1 << 20
_LEAST_MEMORY_BYTES = 220 * _MEBIBYTE
"""Memory of the server before its first image, and of a page."""
_MANY_MEBIBYTES = 4096
_LEAST_OPEN_FILES = 1024
_USUAL_PAGE_BYTES = 4096
_EXTRAS = {"web (--http)": "uvicorn", "tracing (--otlp-endpoint)": "opentelemetry", "bulk": "ray"}
"""Extras of the server, and a package that identifies each."""
_SAVING_GOVERNOR = "powersave"
"""The governor for the lowest speed (the kernel's guide to cpufreq), unless Intel's own driver is used."""
_SLOW_CLOCKS = frozenset({"acpi_pm", "hpet", "jiffies", "refined-jiffies"})
"""Clock sources that need a system call or slow hardware (vdso(7))."""
_EARLIEST = 1_790_000_000
"""Autumn 2026: a clock that shows an earlier time is wrong."""
_WAITING_A_WORKER = 4
"""Queue places per worker: enough that none is idle, and few enough that waiting takes about as long as reading."""
_WORKER_BYTES = 40 * _MEBIBYTE
"""Memory of each further worker while it detects the lines of a page of 960 × 960 pixels."""


def examine(system: System, environment: Mapping[str, str] = os.environ, now: float | None = None) -> Report:
    """Checks everything but the weights, from files in /proc and /sys."""
    findings = [*_processor(system), *_share(system), *_memory(system), *_kernel(system), *_allocator(environment)]
    findings += [_clock(system, time.time() if now is None else now), _extras()]
    return Report(tuple(findings), tuple(_settings(system)))


def _processor(system: System) -> Iterator[Finding]:
    found = cpu(system)
    known = found.architecture != "unknown"
    text, advice = f"{found.model}, {found.architecture}", "/proc/cpuinfo cannot be read: is /proc mounted?"
    yield _warning_if(not known, "processor", text, advice)
    yield Finding("features", ", ".join(found.features) or "none of those that matter")
    advice = "Results are the same, at half the speed or less"
    yield _warning_if(not found.fast, "integer kernels", found.kernels, advice)
    saving = _SAVING_GOVERNOR in (governors := system.governors()) and not system.has_intel_driver()
    if governors:
        advice = "It keeps processors slow: run cpupower frequency-set --governor performance"
        yield _warning_if(saving, "governor", ", ".join(sorted(governors)), advice)


def _warning_if(bad: bool, name: str, value: str, advice: str, verdict: Verdict = Verdict.WARNING) -> Finding:
    """A finding with a warning, or another verdict, and advice if it is bad."""
    return Finding(name, value, verdict, advice) if bad else Finding(name, value)


def _usable(system: System) -> int:
    return cpus.usable_cpus(
        system.cgroup_root, system.cgroup_membership, len(system.allowed_processors()) or os.cpu_count() or 1
    )


def _share(system: System) -> Iterator[Finding]:
    """The processors and nodes that this process may use."""
    allowed, usable = system.allowed_processors(), _usable(system)
    quota = ", a quota of the control group" if usable < len(allowed) else ""
    yield Finding("processors", f"{usable} usable: affinity to {len(allowed) or 'an unknown number'}{quota}")
    nodes = _used_nodes(system)
    if not system.nodes():
        yield Finding("NUMA nodes", "unknown: /sys is masked", Verdict.WARNING, "Compare with the host's lscpu")
    elif len(nodes) > 1:
        text = "; ".join(f"{node.number}: {len(node.processors)} processors{_of_memory(node)}" for node in nodes)
        advice = (
            "Run one server per node (--cpuset-cpus and --cpuset-mems, or numactl), with client-side load balancing"
        )
        yield Finding("NUMA nodes", text, Verdict.WARNING, advice)
    else:
        yield Finding("NUMA nodes", f"{len(nodes)} in use of {len(system.nodes())}")


def _of_memory(node: Node) -> str:
    return "" if node.memory_bytes is None else f", {_size(node.memory_bytes)}"


def _size(size_bytes: int) -> str:
    """A size for people: whole mebibytes, or gibibytes if large."""
    mebibytes = size_bytes // _MEBIBYTE
    return f"{mebibytes} MiB" if mebibytes < _MANY_MEBIBYTES else f"{mebibytes / 1024:.1f} GiB"


def _memory(system: System) -> Iterator[Finding]:
    """The memory of the machine, and this process's limit."""
    needs = f"The server needs {_LEAST_MEMORY_BYTES // _MEBIBYTE} MiB"
    if (sizes := system.memory_bytes()) is None:
        yield Finding("memory", "unknown")
    else:
        total, free = sizes
        text = f"{_size(total)}, {_size(free)} of it free"
        yield _warning_if(free < _LEAST_MEMORY_BYTES, "memory", text, f"{needs}: stop other programs first")
    if (limit := _limit_bytes(system)) is None:
        yield Finding("memory limit", "none by a control group")
    else:
        text, advice = f"{limit // _MEBIBYTE} MiB by a control group", f"{needs}, better 300 MiB"
        yield _warning_if(limit < _LEAST_MEMORY_BYTES, "memory limit", text, advice, Verdict.FAILURE)


def _limit_bytes(system: System) -> int | None:
    """The control group's limit; version 1 states a number beyond the machine's memory for no limit."""
    limit = memory.limit_bytes(cgroup_folders("memory", system.cgroup_root, system.cgroup_membership))
    return None if limit is None or limit >= 1 << 60 else limit


def _used_nodes(system: System) -> list[Node]:
    """The nodes with processors that this process may use."""
    allowed = system.allowed_processors()
    return [node for node in system.nodes() if node.processors & allowed]


def _kernel(system: System) -> Iterator[Finding]:
    page = system.page_bytes()
    if page is None:
        yield Finding("page size", "unknown")
    else:
        larger = "" if page == _USUAL_PAGE_BYTES else ": small blocks of memory take more, which the budget counts"
        yield Finding("page size", f"{page // 1024} KiB{larger}")
    files = system.most_open_files()
    text = "no limit known" if files is None else f"at most {files}"
    advice = f"Each connection is one: allow {_LEAST_OPEN_FILES} (ulimit -n, LimitNOFILE=)"
    yield _warning_if(files is not None and files < _LEAST_OPEN_FILES, "open files", text, advice)


def _allocator(environment: Mapping[str, str]) -> Iterator[Finding]:
    # Preloaded allocators and settings in the environment affect every process that is started here.
    preloaded = environment.get("LD_PRELOAD", "")
    if preloaded:
        yield Finding("allocator", preloaded, Verdict.WARNING, "Memory was measured with glibc's; jemalloc made for "
                      "4 KiB pages does not start on kernels with 64 KiB")  # fmt: skip
    elif not hasattr(ctypes.CDLL(None), "mallopt"):
        yield Finding("allocator", "not glibc's", Verdict.WARNING, "It cannot be tuned: watch resident memory")
    else:
        overridden = [f"{name}={environment[name]}" for name in heap.VARIABLES if name in environment]
        by_hand = f"; by hand {', '.join(overridden)}" if overridden else ", tuned by the server"
        advice = "These override the server's own settings"
        yield _warning_if(bool(overridden), "allocator", f"glibc's{by_hand}", advice)


def _clock(system: System, now: float) -> Finding:
    source = system.clock_source()
    text = f"{time.strftime('%Y-%m-%d %H:%M:%S UTC', time.gmtime(now))}, source {source or 'unknown'}"
    if now < _EARLIEST:
        return Finding(
            "clock", text, Verdict.FAILURE, "The clock is wrong: certificates will appear to be not yet valid"
        )
    return _warning_if(source in _SLOW_CLOCKS, "clock", text, "Reading it is slow")


def _extras() -> Finding:
    """The installed extras; settings that need a missing one are refused."""
    there = {extra: find_spec(package) is not None for extra, package in _EXTRAS.items()}
    text = [f"{name} {'installed' if installed else 'not installed'}" for name, installed in there.items()]
    return Finding("extras", ", ".join(text))


def _settings(system: System) -> Iterator[Advice]:
    nodes, usable = _used_nodes(system), _usable(system)
    workers = usable if len(nodes) < 2 else max(1, min(usable, math.ceil(usable / len(nodes))))
    split = f", a share of {usable} on {len(nodes)} nodes" if len(nodes) > 1 else ""
    yield Advice(f"--workers {workers}", f"one for each processor that the server may use{split}")
    if len(nodes) > 1:
        allowed = system.allowed_processors()
        for node in nodes:
            listed = ",".join(map(str, _ranges(node.processors & allowed)))
            yield Advice(f"numactl --physcpubind={listed} --membind={node.number}", f"node {node.number}: local memory")
    if (waiting := _WAITING_A_WORKER * workers) > Config().queue_images:
        yield Advice(f"--queue-images {waiting}", f"{_WAITING_A_WORKER} waiting per worker")
    yield from _budget(system, workers, nodes)


def _budget(system: System, workers: int, nodes: Sequence[Node]) -> Iterator[Advice]:
    """As much as the workers can use, or less if the control group, a node or the machine has less."""
    default = memory.EASE_BYTES
    most = {"so that all workers can read pages at once": max(default, default + (workers - 2) * _WORKER_BYTES)}
    if (limit := _limit_bytes(system)) is not None:
        most["what the control group allows"] = limit
    if (sizes := system.memory_bytes()) is not None:
        most["the rest is for the machine's other programs"] = sizes[0] * 3 // 4
    of_nodes = [node.memory_bytes for node in nodes if node.memory_bytes is not None]
    if len(of_nodes) > 1:
        most["the rest of a node's memory is for other programs"] = min(of_nodes) * 3 // 4
    why = min(most, key=lambda reason: most[reason])
    # Less memory is reported as a failure, which no setting can mend.
    if most[why] >= _LEAST_MEMORY_BYTES:
        yield Advice(f"--memory-budget {most[why] // _MEBIBYTE}MiB", why)


def _ranges(numbers: frozenset[int]) -> Iterator[str]:
    """Numbers in the kernel's list format."""
    rest = sorted(numbers)
    while rest:
        count = next((place for place, number in enumerate(rest) if number != rest[0] + place), len(rest))
        yield str(rest[0]) if count == 1 else f"{rest[0]}-{rest[count - 1]}"
        rest = rest[count:]
