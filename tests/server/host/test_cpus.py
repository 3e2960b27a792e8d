import os

import pytest

from edgeocr.server.host.cpus import usable_cpus


@pytest.fixture
def group(tmp_path):
    """A fake cgroup file system, and a function that writes into it."""
    membership = tmp_path / "cgroup"

    def write(lines, files):
        membership.write_text(lines)
        for name, text in files.items():
            path = tmp_path / "fs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return usable_cpus(tmp_path / "fs", membership)

    return write


@pytest.fixture(autouse=True)
def eight_cpus(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)))


@pytest.mark.parametrize(
    ("lines", "files", "expected"),
    [
        ("0::/pod/app\n", {"pod/app/cpu.max": "max 100000"}, 8),
        ("0::/pod/app\n", {"pod/app/cpu.max": "300000 100000"}, 3),
        ("0::/pod/app\n", {"pod/app/cpu.max": "max 100000", "pod/cpu.max": "150000 100000"}, 2),
        ("0::/pod/app\n", {"cpu.max": "50000 100000"}, 1),
        ("3:cpu,cpuacct:/app\n", {"cpu,cpuacct/app/cpu.cfs_quota_us": "200000",
                                  "cpu,cpuacct/app/cpu.cfs_period_us": "100000"}, 2),
        ("3:cpu,cpuacct:/app\n", {"cpu,cpuacct/app/cpu.cfs_quota_us": "-1",
                                  "cpu,cpuacct/app/cpu.cfs_period_us": "100000"}, 8),
        ("0::/elsewhere\n", {}, 8),
        ("", {}, 8),
    ],
)  # fmt: skip
def test_the_tightest_quota_decides(group, lines, files, expected):
    assert group(lines, files) == expected


def test_the_affinity_mask_decides_without_a_quota(group, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {5})
    assert group("0::/\n", {"cpu.max": "400000 100000"}) == 1
