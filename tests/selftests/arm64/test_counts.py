import pytest

from tests.checks.arm64 import counts
from tests.checks.arm64.counts import Count, Subject, between, table, typical
from tests.checks.arm64.emulator import runtime
from tests.checks.arm64.emulator.qemu import Emulator
from tests.checks.arm64.errors import GuestFailed

KINDS = ("sdot", "udot", "mul_int", "mul_f32", "mul_f16", "i8mm", "bf16", "sve", "memory", "other", "total")


def line(mark: int, **kinds: int) -> str:
    """What the plugin writes at a mark."""
    return " ".join([f"mark={mark}", *(f"{kind}={kinds.get(kind, 0)}" for kind in KINDS)])


def count(total: int, **kinds: int) -> Count:
    return Count(**{"total": total, "dot": 0, "integer": 0, "single": 0, "half": 0, "beyond": 0} | kinds)


def test_a_run_is_the_difference_of_two_marks():
    before = line(0, sdot=5, udot=1, mul_int=2, mul_f32=3, total=100)
    after = line(1, sdot=9, udot=4, mul_int=3, mul_f32=13, mul_f16=2, i8mm=1, sve=1, total=400)
    assert between(before, after) == Count(total=300, dot=7, integer=1, single=10, half=2, beyond=2)


def test_the_middle_run_counts():
    report = "\n".join(line(number, total=total) for number, total in enumerate((0, 50, 51, 61)))
    assert typical(report).total == 10


@pytest.mark.parametrize("report", ["", line(0, total=7)])
def test_a_report_without_a_run_is_refused(report):
    with pytest.raises(ValueError, match="no run between two marks"):
        typical(report)


def test_multiplications_of_all_kinds_share():
    assert count(100, dot=6, integer=3, single=2, half=1).integer_share == pytest.approx(0.75)
    assert count(100).integer_share == 0


def test_the_table_sets_everything_against_the_first_row():
    rows = [
        ("ours", "neoverse-n1", count(200_000_000, dot=50_000_000, single=10_000_000)),
        ("other", "neoverse-n1", count(500_000_000, single=250_000_000)),
    ]
    *_, ours, other = table(rows).splitlines()
    assert ours == "| ours | neoverse-n1 | 200.0 | 1.00 | 50.00 (25.0%) | 0.00 (0.0%) | 10.00 (5.0%) | 83.3% |"
    assert other == "| other | neoverse-n1 | 500.0 | 2.50 | 0.00 (0.0%) | 0.00 (0.0%) | 250.00 (50.0%) | 0.0% |"


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A folder where everything for aarch64 is there already."""
    (tmp_path / "root").mkdir()
    monkeypatch.setattr(runtime, "for_aarch64", lambda folder: folder)
    (tmp_path / "opcount.so").write_bytes(b"plugin")
    (tmp_path / "network.onnx").write_bytes(b"network")
    return tmp_path


def emulated(folder, words):
    """An emulator that does as these words of a shell script say; $OUT is the plugin's file."""
    script = folder / "qemu-aarch64"
    script.write_text(f'#!/bin/sh\nOUT="${{6#*out=}}"\n{words}\n', "utf-8")
    script.chmod(0o755)
    subject = Subject("a network", folder / "network.onnx", (40, 5))
    return counts.count(subject, "neoverse-n1", Emulator(folder, folder / "opcount.so"), folder)


def test_what_was_counted_is_not_counted_again(made):
    marks = "\n".join(line(number, total=100 * number) for number in range(3))
    assert emulated(made, f"cat > $OUT << END\n{marks}\nEND").total == 100
    assert emulated(made, "exit 1").total == 100
    (made / "network.onnx").write_bytes(b"another network")
    with pytest.raises(GuestFailed, match="neoverse-n1: ended with 1"):
        emulated(made, "exit 1")


def test_a_run_without_a_mark_is_reported(made):
    with pytest.raises(GuestFailed, match="saw no mark"):
        emulated(made, "exit 0")


def test_a_guest_that_dies_leaves_its_last_words(made):
    with pytest.raises(GuestFailed, match="ended with 3: no such instruction"):
        emulated(made, "echo no such instruction >&2; exit 3")
