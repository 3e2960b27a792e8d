from edgeocr.server import memory


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
