"""Gate: in a control group of 300 MiB, callers who take all that they can neither end the server nor starve others.

They come from 127.0.0.2; a victim from 127.0.0.1 reads a line now and then, and what it asks for is answered. How much
that is of what it gets alone depends on the processors that the attackers take on the same machine. Slow uploads are no
attack at all: each has to be answered in the end, if the caller does as the server says.
"""

import asyncio
import time

from edgeocr.client import AsyncClient, Client, OcrError
from edgeocr.client.streaming.retry import RetryPolicy
from edgeocr.server.settings.setting_values import Size
from tests.checks.proof.outcome import Check, Outcome, Scale
from tests.checks.proof.rig.attacks import ATTACKS, Attack, going_on
from tests.checks.proof.rig.control_group import NoGroupError, limited_group
from tests.checks.proof.rig.material import lines, pages
from tests.checks.proof.rig.servers import server
from tests.support.serving import ServerProcess

TITLE = "Callers who take all that they can"
LIMIT = Size("300MiB")
ALIVE, ANSWERED = "killed for its memory", "the victim's calls that are answered"
SHARE, UPLOADS = "the victim's share of what it gets alone", "slow uploads answered"
_LEAST_SHARE = 0.9
_PAUSE_SECONDS = 0.25
_WAIT_SECONDS = 15.0
_UPLOADS = 12
_UPLOAD_BYTES = 7_900_000


def run(scale: Scale) -> Outcome:
    """Lets each attacker have its time, then on a server that bounds neither calls nor messages on their way."""
    outcome, seconds = Outcome(), scale.load_seconds(30, 6)
    try:
        for name, attack in ATTACKS.items():
            outcome.checks += _attack(name, attack, seconds)
        outcome.checks.append(_slow_uploads(scale.rounds(_UPLOADS, 3)))
        boundless = _attack("messages on their way", ATTACKS["messages on their way"], seconds, "boundless")
    except NoGroupError as error:
        return Outcome(skipped=str(error))
    outcome.expect("boundless", boundless, f"messages on their way: {ALIVE}")
    return outcome


def _attack(name: str, attack: Attack, seconds: float, *faults: str) -> list[Check]:
    with (
        limited_group(LIMIT) as group,
        server("--http", "127.0.0.1:0", faults=faults, launcher=group.launcher()) as running,
    ):
        alone, _ = _victim(running, seconds)
        with going_on(running, attack):
            beside, asked = _victim(running, seconds)
        alive = running.process.poll() is None and not group.kills()
    share = beside / max(1, alone)
    return [
        Check(f"{name}: {ALIVE}", "no", "no" if alive else "yes", alive),
        Check(
            f"{name}: {ANSWERED}",
            f"≥ {_LEAST_SHARE:.0%}",
            f"{beside} of {asked}",
            asked > 0 and beside >= _LEAST_SHARE * asked,
        ),
        Check(f"{name}: {SHARE}", f"≥ {_LEAST_SHARE}", f"{share:.2f} of {alone}", share >= _LEAST_SHARE, timed=True),
    ]


def _victim(running: ServerProcess, seconds: float) -> tuple[int, int]:
    """How many lines a caller is read who asks for one after the other, with a pause in between, and how many it asked
    for."""
    read, asked, data = 0, 0, lines()[0]
    end = time.monotonic() + seconds
    with Client(running.target, retry=RetryPolicy(attempts=1)) as client:
        while time.monotonic() < end and running.process.poll() is None:
            asked += 1
            try:
                client.read(data, mode="line", timeout_seconds=_WAIT_SECONDS)
                read += 1
            except OcrError:
                pass
            time.sleep(_PAUSE_SECONDS)
    return read, asked


def _slow_uploads(count: int) -> Check:
    """Many callers who send a large page in chunks at the same time, and wait as long as it takes."""
    with limited_group(LIMIT) as group, server(launcher=group.launcher()) as running:
        answered = asyncio.run(_upload_all(running.target, pages(1)[0], count))
        kills = group.kills()
    measured = f"{answered} of {count}" + (", killed" if kills else "")
    return Check(UPLOADS, "all", measured, answered == count and not kills)


async def _upload_all(target: str, data: bytes, count: int) -> int:
    # What follows upon the end of a PNG file is no part of the picture.
    padded = data + bytes(_UPLOAD_BYTES - len(data))

    async def upload() -> int:
        async with AsyncClient(target, retry=RetryPolicy(attempts=20)) as client:
            try:
                await client.read(padded)
            except OcrError:
                return 0
            return 1

    return sum(await asyncio.gather(*(upload() for _ in range(count))))
