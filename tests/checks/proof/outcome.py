"""What a gate says: checks with their limits, controls that had to fail, and facts without a limit."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scale:
    """How thorough a run is.

    Attributes:
        quick: the short form, for every change: what depends on the machine's speed is reported but cannot fail.
        seconds: length of a load where a gate has one; None for the gate's own.
        count: number of answers, calls or rounds likewise.
    """

    quick: bool = False
    seconds: float | None = None
    count: int | None = None

    def load_seconds(self, full: float, quick: float) -> float:
        """The requested length, or else the form's."""
        return self.seconds or (quick if self.quick else full)

    def rounds(self, full: int, quick: int) -> int:
        """The requested number, or else the form's."""
        return self.count or (quick if self.quick else full)


@dataclass(frozen=True, slots=True)
class Check:
    """One measured value against its limit.

    Attributes:
        name: what is measured.
        limit, measured: as they are reported.
        passed: whether the one keeps the other.
        timed: whether it depends on the machine's speed and load, so that it cannot fail in the short form.
    """

    name: str
    limit: str
    measured: str
    passed: bool
    timed: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """A server with a fault, and whether the check that is there for it failed."""

    fault: str
    flagged: bool
    measured: str


@dataclass(slots=True)
class Outcome:
    """All that a gate found.

    Attributes:
        checks: what the server was measured by.
        controls: the faults that had to be noticed.
        facts: what else was measured.
        skipped: why the gate cannot be run here; empty if it was.
    """

    checks: list[Check] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    skipped: str = ""

    def failures(self, *, quick: bool) -> list[str]:
        """Names of the checks that failed, and of the faults that were not detected."""
        failed = [check.name for check in self.checks if not check.passed and not (quick and check.timed)]
        return [*failed, *(f"the fault {one.fault!r} was not flagged" for one in self.controls if not one.flagged)]

    def expect(self, fault: str, checks: Sequence[Check], *names: str) -> None:
        """Adds a control: of the checks made on the faulty server, each of those named must have failed."""
        chosen = [check for check in checks if check.name in names]
        assert len(chosen) == len(names), f"no such checks: {names}"
        told = "; ".join(f"{check.name}: {check.measured}" for check in chosen)
        self.controls.append(Control(fault, not any(check.passed for check in chosen), told))
