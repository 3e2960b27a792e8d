"""Gate: malicious files neither end a server nor take other callers' turns, and one of them does not end a fleet.

Takes root, for the control group; skipped where none can be made.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack

from edgeocr.client import AsyncClient, OcrError
from edgeocr.client.options import Mode
from edgeocr.client.streaming.retry import RetryPolicy
from edgeocr.server.settings.setting_values import Size
from tests.checks.proof.outcome import Check, Outcome, Scale
from tests.checks.proof.rig.control_group import NoGroupError, limited_group
from tests.checks.proof.rig.servers import server
from tests.support.files import hostile
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded, line
from tests.support.serving import ServerProcess

TITLE = "Files made to harm"
ALIVE, SHARE, CODES, FLEET, LOST = (
    "killed by a file",
    "others' answers, of those they get alone",
    "files answered otherwise than damaged or too costly",
    "servers of four that one file ends",
    "servers of four that one file ends where it ends each that reads it",
)
_LIMIT = Size("300MiB")
_LEAST_SHARE, _MOST_LOST, _SERVERS = 0.9, 2, 4
_ATTACKERS = 2
_EVERY_SECONDS, _DEADLINE_SECONDS, _BOMB_SECONDS = 2.0, 10.0, 60.0
_ONCE = RetryPolicy(attempts=1)
_EXPECTED = {"INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "OK"}
_INNOCENT: Sequence[tuple[bytes, Mode]] = (
    (encoded(line("an innocent line")), "line"),
    (pdf([PdfPageSpec([("An innocent page", 40, 100)])]), "page"),
)


def bombs() -> list[bytes]:
    """One of each kind."""
    return [
        hostile.twice_deflated_pdf(),
        hostile.painting_pdf(),
        hostile.nested_forms_pdf(),
        hostile.dense_pattern_pdf(),
        hostile.long_function_pdf(),
        hostile.object_stream_pdf(),
        hostile.wordy_pdf(40_000),
        hostile.tiff(2900, 2900, samples=4, bits=64, sample_format=3, alpha=2),
        hostile.tiff(64, 64, samples=4, bits=16, tile_side=2048, alpha=2),
        hostile.scans_jpeg(3000, 2300, 20_000),
    ]


def run(scale: Scale) -> Outcome:
    """Sends the files among ordinary calls, then to a server that opens them itself, and one of them to fleets."""
    outcome, files, seconds = Outcome(), bombs(), scale.load_seconds(120, 20)
    try:
        outcome.checks = [*_beside(files, seconds), _fleet(FLEET, 0), _fleet(LOST, _MOST_LOST, faults=["together"])]
        together = _beside(files, min(seconds, 30), faults=["together"])
    except NoGroupError as error:
        return Outcome(skipped=str(error))
    outcome.expect("together", together, ALIVE)
    return outcome


def _beside(files: Sequence[bytes], seconds: float, faults: Sequence[str] = ()) -> list[Check]:
    with (
        limited_group(_LIMIT) as group,
        server("--workers", "2", "--decode-seconds", "5", faults=faults, launcher=group.launcher()) as running,
    ):
        alone = asyncio.run(_others(running, seconds / 2))["OK"]
        codes, beside = asyncio.run(_attacked(running, files, seconds / 2))
        is_alive, kills = running.process.poll() is None, group.kills()
    share = beside["OK"] / max(1, alone)
    wrong = {code: count for code, count in codes.items() if code not in _EXPECTED}
    return [
        Check(ALIVE, "no", "no" if is_alive and not kills else f"{kills} by the kernel", is_alive and not kills),
        Check(
            SHARE,
            f"≥ {_LEAST_SHARE}",
            f"{share:.2f} ({beside['OK']} beside, {alone} alone)",
            share >= _LEAST_SHARE,
            True,
        ),
        Check(CODES, "none", f"{sum(wrong.values())} of {codes.total()} {wrong or ''}".strip(), not wrong),
    ]


async def _attacked(
    running: ServerProcess, files: Sequence[bytes], seconds: float
) -> tuple[Counter[str], Counter[str]]:
    """How the files are answered, and how the others are meanwhile."""
    codes: Counter[str] = Counter()
    attackers = [
        asyncio.create_task(_attack(running, files[number:] + files[:number], codes)) for number in range(_ATTACKERS)
    ]
    try:
        return codes, await _others(running, seconds)
    finally:
        for attacker in attackers:
            attacker.cancel()
        await asyncio.gather(*attackers, return_exceptions=True)


async def _attack(running: ServerProcess, files: Sequence[bytes], codes: Counter[str]) -> None:
    async with AsyncClient(running.target, retry=_ONCE, timeout_seconds=_BOMB_SECONDS) as client:
        while running.process.poll() is None:
            for file in files:
                codes[await _code(client, file, "page")] += 1


async def _others(running: ServerProcess, seconds: float) -> Counter[str]:
    """Lines and pages of callers who ask at fixed times, whatever becomes of what they asked: how they are answered."""
    codes: Counter[str] = Counter()

    async def ask(client: AsyncClient, data: bytes, mode: Mode) -> None:
        codes[await _code(client, data, mode)] += 1

    async def call(data: bytes, mode: Mode) -> None:
        async with (
            AsyncClient(running.target, retry=_ONCE, timeout_seconds=_DEADLINE_SECONDS) as client,
            asyncio.TaskGroup() as asking,
        ):
            for _ in range(max(1, round(seconds / _EVERY_SECONDS))):
                asking.create_task(ask(client, data, mode))
                await asyncio.sleep(_EVERY_SECONDS)

    await asyncio.gather(*(call(data, mode) for data, mode in _INNOCENT))
    return codes


async def _code(client: AsyncClient, data: bytes, mode: Mode) -> str:
    try:
        await client.read(data, mode=mode)
    except OcrError as error:
        return error.code.name
    return "OK"


def _fleet(name: str, most: int, faults: Sequence[str] = ()) -> Check:
    """One file, read once by a client that knows four servers."""
    with ExitStack() as stack:
        servers = []
        for _ in range(_SERVERS):
            launcher = stack.enter_context(limited_group(_LIMIT)).launcher()
            servers.append(stack.enter_context(server("--workers", "1", faults=faults, launcher=launcher)))
        asyncio.run(_read_once(",".join(one.target for one in servers)))
        gone = sum(one.process.poll() is not None for one in servers)
    return Check(name, f"≤ {most}" if most else "none", str(gone), gone <= most)


async def _read_once(target: str) -> None:
    async with AsyncClient(target) as client:
        await _code(client, hostile.twice_deflated_pdf(), "page")
        # A server that was killed is seen to be gone a moment later.
        await asyncio.sleep(1)
