import pytest

from edgeocr.server.doctor.examine import examine
from edgeocr.server.doctor.report import Verdict, as_text
from edgeocr.server.doctor.system import System, processors
from tests.server.doctor.machines import NOW, container, kunpeng, made, meminfo


def findings(report):
    return {finding.name: finding for finding in report.findings}


def settings(report):
    return [advice.setting for advice in report.settings]


def test_a_kunpeng_of_four_nodes_is_to_run_a_server_on_each(tmp_path):
    report = examine(made(tmp_path, kunpeng()), {}, NOW)
    found = findings(report)
    assert found["processor"].value == "Kunpeng 920 (TSV110), aarch64"
    assert found["features"].value == "asimddp, asimdhp"
    assert found["integer kernels"].value == "SDOT, UDOT (asimddp)"
    assert found["memory"].value == "252.0 GiB, 126.0 GiB of it free"
    assert found["NUMA nodes"].verdict is Verdict.WARNING
    assert found["NUMA nodes"].value.startswith("0: 32 processors, 63.0 GiB; 1: 32")
    assert "one server per node" in found["NUMA nodes"].advice
    assert settings(report) == [
        "--workers 32",
        "numactl --physcpubind=0-31 --membind=0",
        "numactl --physcpubind=32-63 --membind=1",
        "numactl --physcpubind=64-95 --membind=2",
        "numactl --physcpubind=96-127 --membind=3",
        "--queue-images 128",
        "--memory-budget 1500MiB",
    ]
    assert not report.failed


def test_a_server_that_is_bound_to_one_node_is_not_advised_to_split(tmp_path):
    report = examine(made(tmp_path, kunpeng("32-63", "1")), {}, NOW)
    assert findings(report)["NUMA nodes"].verdict is Verdict.GOOD
    assert settings(report) == ["--workers 32", "--queue-images 128", "--memory-budget 1500MiB"]


def test_a_kernel_of_large_pages_is_reported(tmp_path):
    assert findings(examine(made(tmp_path, kunpeng()), {}, NOW))["page size"].value.startswith("64 KiB")
    small = examine(made(tmp_path, kunpeng(page_kilobytes=4)), {}, NOW)
    assert findings(small)["page size"].value == "4 KiB"


def test_a_preloaded_allocator_is_warned_of(tmp_path):
    machine = made(tmp_path, kunpeng())
    report = examine(machine, {"LD_PRELOAD": "/usr/lib/libjemalloc.so.2"}, NOW)
    assert findings(report)["allocator"].verdict is Verdict.WARNING
    assert "64 KiB" in findings(report)["allocator"].advice
    by_hand = examine(machine, {"MALLOC_ARENA_MAX": "8"}, NOW)
    assert "MALLOC_ARENA_MAX=8" in findings(by_hand)["allocator"].value


def test_a_container_is_taken_by_its_own_limits(tmp_path):
    report = examine(made(tmp_path, container(300 << 20)), {}, NOW)
    found = findings(report)
    assert found["memory limit"].value == "300 MiB by a control group"
    assert found["processors"].value == "2 usable: affinity to 8, a quota of the control group"
    assert found["integer kernels"].verdict is Verdict.WARNING
    assert "masked" in found["NUMA nodes"].value
    assert found["open files"].verdict is Verdict.WARNING
    assert settings(report) == ["--workers 2", "--memory-budget 300MiB"]
    assert not report.failed


def test_too_little_memory_is_a_failure(tmp_path):
    report = examine(made(tmp_path, container(128 << 20)), {}, NOW)
    assert report.failed
    assert findings(report)["memory limit"].verdict is Verdict.FAILURE
    assert "failure  memory limit" in as_text(report)
    assert settings(report) == ["--workers 2"]


def test_a_machine_whose_memory_is_taken_is_warned_of(tmp_path):
    taken = {**kunpeng(), "proc/meminfo": meminfo(4_000_000, 100_000)}
    found = findings(examine(made(tmp_path, taken), {}, NOW))["memory"]
    assert found.value == "3906 MiB, 97 MiB of it free"
    assert found.verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        (kunpeng(), "1500MiB"),
        ({**kunpeng("0-31", "0"), "proc/meminfo": meminfo(1 << 20, 1 << 20)}, "768MiB"),
        (kunpeng(node_kilobytes=1 << 20), "768MiB"),
        ({**container(512 << 20), "proc/meminfo": meminfo(300 << 10, 300 << 10)}, "225MiB"),
        (container(256 << 20), "256MiB"),
    ],
    ids=["as much as is of use", "of a machine", "of a node", "of a small machine", "of a control group"],
)
def test_the_budget_is_no_more_than_there_is(tmp_path, files, wanted):
    assert settings(examine(made(tmp_path, files), {}, NOW))[-1] == f"--memory-budget {wanted}"


def test_processors_that_are_kept_slow_are_warned_of(tmp_path):
    fast = findings(examine(made(tmp_path / "fast", kunpeng()), {}, NOW))["governor"]
    assert (fast.value, fast.verdict) == ("performance", Verdict.GOOD)
    slow = findings(examine(made(tmp_path / "slow", kunpeng(governor="powersave")), {}, NOW))["governor"]
    assert (slow.value, slow.verdict) == ("powersave", Verdict.WARNING)
    own = {**kunpeng(governor="powersave"), "sys/devices/system/cpu/intel_pstate/status": "active\n"}
    assert findings(examine(made(tmp_path / "own", own), {}, NOW))["governor"].verdict is Verdict.GOOD
    assert "governor" not in findings(examine(made(tmp_path / "told not", container(512 << 20)), {}, NOW))


def test_what_is_installed_next_to_the_server_is_reported(tmp_path, monkeypatch):
    machine = made(tmp_path, kunpeng())
    assert "web (--http) installed" in findings(examine(machine, {}, NOW))["extras"].value
    monkeypatch.setattr("edgeocr.server.doctor.examine.find_spec", lambda _: None)
    assert "web (--http) not installed" in findings(examine(machine, {}, NOW))["extras"].value


def test_a_clock_before_the_release_is_a_failure(tmp_path):
    machine = made(tmp_path, kunpeng())
    assert findings(examine(machine, {}, 0.0))["clock"].verdict is Verdict.FAILURE
    assert findings(examine(machine, {}, NOW))["clock"].verdict is Verdict.GOOD


def test_a_machine_that_reports_nothing_is_examined_all_the_same(tmp_path):
    report = examine(System(tmp_path), {}, NOW)
    assert findings(report)["processor"].verdict is Verdict.WARNING
    assert not report.failed


@pytest.mark.parametrize(
    ("cpu_info", "kernels"),
    [
        ("Features\t: fp asimd asimddp i8mm sve\n", "SMMLA"),
        ("Features\t: fp asimd\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n", "widening"),
        ("flags\t: avx2 avx_vnni\n", "AVX-VNNI"),
        ("flags\t: avx2 avx512f avx512_vnni\n", "AVX-512 VNNI"),
        ("flags\t: avx2\n", "in 16 bits"),
    ],
)
def test_the_kernels_follow_from_the_features(tmp_path, cpu_info, kernels):
    assert kernels in findings(examine(made(tmp_path, {"proc/cpuinfo": cpu_info}), {}, NOW))["integer kernels"].value


@pytest.mark.parametrize(
    ("listed", "numbers"), [("0-3\n", {0, 1, 2, 3}), ("0,2-3,8", {0, 2, 3, 8}), ("", set()), ("5", {5})]
)
def test_lists_of_processors_are_read_as_the_kernel_writes_them(listed, numbers):
    assert processors(listed) == numbers
