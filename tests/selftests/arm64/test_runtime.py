from tests.checks.arm64.emulator.runtime import fingerprint


def test_a_fingerprint_changes_with_contents_and_nothing_else(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"same")
    two.write_bytes(b"same")
    assert fingerprint([one]) == fingerprint([two])
    two.write_bytes(b"other")
    assert fingerprint([one]) != fingerprint([two])
    assert len(fingerprint([])) == 12
