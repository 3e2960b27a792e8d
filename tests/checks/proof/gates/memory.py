"""Gate: in a control group of 300 MiB, whatever many clients send, the kernel need not kill, and the codes are known.

Takes root, for the control group; skipped where none can be made.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence

from edgeocr.server.settings.setting_values import Size
from tests.checks.proof.outcome import Check, Outcome, Scale
from tests.checks.proof.rig.attacks import ATTACKS, Attack, going_on
from tests.checks.proof.rig.control_group import Group, NoGroupError, limited_group
from tests.checks.proof.rig.mixture import Load, Swarm, loads
from tests.checks.proof.rig.process import status_bytes
from tests.checks.proof.rig.servers import server

TITLE = "Memory in a control group"
LIMIT = Size("300MiB")
ALIVE, CODES, RESIDENT = "killed for its memory", "answers that are undocumented or wrong", "peak resident memory"
_CONTROL_SECONDS = 60.0
_CLIENTS = 32
_HTTP = ("--http", "127.0.0.1:0")
_TOLD = ("edgeocr_rejected_total", "edgeocr_cancelled_total")


def run(scale: Scale) -> Outcome:
    """Sends the mixture to the server, along with attackers if there is time, then to one that ignores limits."""
    outcome, mixture = Outcome(), loads()
    try:
        attacks = () if scale.quick else tuple(ATTACKS.values())
        outcome.checks, outcome.facts = _hold(
            mixture, scale.load_seconds(600, 10), "--http", "127.0.0.1:0", attacks=attacks
        )
        unheeding, _ = _hold(
            mixture, _CONTROL_SECONDS, "--memory-budget", "8GiB", "--workers", "8", faults=["unheeding"]
        )
    except NoGroupError as error:
        return Outcome(skipped=str(error))
    outcome.expect("unheeding", unheeding, ALIVE)
    return outcome


def _hold(
    mixture: Sequence[Load],
    seconds: float,
    *arguments: str,
    faults: Sequence[str] = (),
    attacks: Sequence[Attack] = (),
) -> tuple[list[Check], dict[str, str]]:
    """Sends the mixture for so long, or until the server is gone."""
    with limited_group(LIMIT) as group:
        with server(*arguments, faults=faults, launcher=group.launcher()) as running:
            process = running.process
            swarm = Swarm(running.target, seconds, lambda: process.poll() is None, mixture)
            with going_on(running, *attacks):
                asyncio.run(swarm.run(_CLIENTS))
            alive = process.poll() is None
            resident = status_bytes(process.pid, "VmHWM") if alive else 0
            metrics = running.metrics() if alive else {}
        facts = _facts(swarm, group, metrics)
        kills = group.kills()
    wrong = sum(swarm.wrong.values())
    told = "; ".join(f"{count} × {text}" for text, count in swarm.wrong.most_common(3))
    return [
        Check(
            ALIVE,
            "no",
            "no" if alive and not kills else f"{kills} by the kernel" if kills else "gone",
            alive and not kills,
        ),
        Check(CODES, "none", f"{wrong:,} of {swarm.codes.total():,}" + (f": {told}" if told else ""), not wrong),
        Check(RESIDENT, f"≤ {LIMIT >> 20} MiB", f"{resident >> 20} MiB", 0 < resident <= LIMIT),
    ], facts


def _facts(swarm: Swarm, group: Group, metrics: dict[str, float]) -> dict[str, str]:
    kinds: dict[str, Counter[str]] = {}
    for (kind, code), count in sorted(swarm.codes.items()):
        kinds.setdefault(kind, Counter())[code] = count
    return {
        "the group's peak, files that the kernel keeps included": f"{group.peak_bytes() >> 20} MiB",
        **{kind: ", ".join(f"{count:,} {code}" for code, count in codes.items()) for kind, codes in kinds.items()},
        **{name: f"{value:,.0f}" for name, value in sorted(metrics.items()) if name.startswith(_TOLD)},
    }
