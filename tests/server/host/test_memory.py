import os

import pytest

from edgeocr.server.host import memory


def test_this_process_has_anonymous_and_shared_memory():
    found = memory.memory_bytes()
    assert 1_000_000 < found["anonymous"] <= found["pss"]


def test_the_nearest_group_is_read_in_either_version(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "memory.current").write_text("123\n")
    (tmp_path / "memory.usage_in_bytes").write_text("999\n")
    assert memory._cgroup_bytes([tmp_path / "gone", tmp_path / "own", tmp_path]) == {"cgroup": 123}
    assert memory._cgroup_bytes([tmp_path]) == {"cgroup": 999}
    assert memory._cgroup_bytes([]) == {}


def test_the_lowest_limit_of_the_groups_counts_in_either_version(tmp_path):
    own, parent, old = (tmp_path / name for name in ("own", "parent", "old"))
    for folder, name, text in (
        (own, "memory.max", "max\n"),
        (parent, "memory.max", "5000\n"),
        (old, "memory.limit_in_bytes", "4000\n"),
    ):
        folder.mkdir()
        (folder / name).write_text(text)
    assert memory.limit_bytes([own, parent]) == 5000
    assert memory.limit_bytes([own, parent, old]) == 4000
    assert memory.limit_bytes([own]) is None


def test_resident_memory_is_known_while_nothing_can_be_opened(monkeypatch):
    memory.resident_bytes()

    def fail(*_):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, "open", fail)
    assert memory.resident_bytes() > 0


def test_resident_memory_grows_with_what_is_used():
    before = memory.resident_bytes()
    ballast = bytearray(b"x") * 50_000_000
    assert memory.resident_bytes() - before > 40_000_000
    del ballast


@pytest.mark.parametrize(
    ("asked", "group", "budget"),
    [
        (300 << 20, None, 300 << 20),
        (300 << 20, 200 << 20, 200 << 20),
        (-1, None, 2 << 30),
        (-1, 400 << 20, 350 << 20),
        # What the first version of groups has for no limit.
        (-1, (1 << 63) - 4096, 2 << 30),
        (300 << 20, (1 << 63) - 4096, 300 << 20),
    ],
)
def test_the_budget_is_what_is_asked_or_a_share_of_what_there_is(asked, group, budget):
    assert memory.budget_bytes(asked, group, 8 << 30) == budget


def test_a_small_machine_has_the_least_automatic_budget():
    assert memory.budget_bytes(-1, None, 512 << 20) == 300 << 20
