"""What must hold on aarch64, and whether it does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.checks.arm64.counts import Row
from tests.checks.arm64.emulator import machines
from tests.checks.arm64.strings import Comparison

_LEAST_IDENTICAL = 0.995
_LEAST_FEWER_THAN_SMALL = 2.5
_LEAST_FEWER_THAN_FLOAT = 2.0


@dataclass(frozen=True)
class Demand:
    """Something that must hold, and whether it does."""

    text: str
    holds: bool

    def __str__(self) -> str:
        """One line of the report."""
        return f"- {'holds' if self.holds else 'FAILS'}: {self.text}"


def demands(rows: Sequence[Row], comparisons: Sequence[Comparison]) -> Iterator[Demand]:
    """What is demanded of the counts and comparisons that there are."""
    for comparison in comparisons:
        text = f"{comparison.machine}: {comparison.identical:.2%} of {comparison.lines} strings are this machine's"
        yield Demand(f"{text}, at least {_LEAST_IDENTICAL:.1%} are wanted", comparison.identical >= _LEAST_IDENTICAL)
    if rows:
        counted = {name: count for name, cpu, count in rows if cpu == machines.ARM_CPU}
        ours = counted["ours"]
        yield Demand(f"SDOT and UDOT run: {ours.dot / 1e6:.2f} million", ours.dot > 0)
        yield Demand("nothing runs that the CPU lacks", all(count.beyond == 0 for count in counted.values()))
        wanted = {"PP-OCRv6 small, FP32": _LEAST_FEWER_THAN_SMALL, "ours, FP32": _LEAST_FEWER_THAN_FLOAT}
        for name, least in wanted.items():
            if name in counted:
                fewer = counted[name].total / ours.total
                text = f"{fewer:.2f} times fewer instructions than {name}, {least:g} are wanted"
                yield Demand(text, fewer >= least)
