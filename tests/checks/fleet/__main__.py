"""Servers come and go under load, and nothing is lost: by a list, by DNS, through nginx, HAProxy and Envoy.

    python -m tests.checks.fleet [--cache FOLDER] [--only WAY …]

Three real servers on loopback addresses get single calls and streams. One is killed (SIGKILL), one more starts, one
is drained (SIGTERM). Every image sent must be answered once, with its own text, and the added server gets its share.
Through each proxy, refusals of large images have to arrive as what they are.
The proxies are Debian's, unpacked into the cache if needed, and PyPI's Envoy; it takes no root.
"""

import argparse
import asyncio
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.checks.fleet import pass_through
from tests.checks.fleet.load import Load
from tests.checks.fleet.names import NameServer
from tests.checks.fleet.proxies import Missing, Proxy, install
from tests.support.serving import ServerProcess

WAYS = ("list", "dns", "nginx", "haproxy", "envoy")
_PROXIES = WAYS[2:]
_HOSTS = [f"127.0.0.{number}" for number in (11, 12, 13, 14)]
_PHASE_SECONDS = 6.0
_LEAST_SHARE = 0.15
"""Of the images that came to three servers since the last of them started."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Fleet:
    """Four places for servers, and how clients get to them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.port = _free_port()
        self.addresses = [f"{host}:{self.port}" for host in _HOSTS]
        self.folder = folder
        self._stack = stack

    def start(self, place: int) -> ServerProcess:
        options = ("--workers", "1", "--drain-delay-seconds", "3", "--notes", str(self._notes(place)))
        return self._stack.enter_context(
            ServerProcess("--listen", self.addresses[place], *options, module="tests.checks.fleet.server")
        )

    def received(self) -> list[list[str]]:
        """Digests of the images that came to each place."""
        return [notes.read_text().split() if (notes := self._notes(place)).exists() else [] for place in range(4)]

    def _notes(self, place: int) -> Path:
        return self.folder / f"notes-{place}"


@contextmanager
def _way(way: str, fleet: Fleet, cache: Path) -> Iterator[tuple[str, NameServer | Proxy | None]]:
    """The target for clients, and what stands between them and the servers."""
    if way == "list":
        yield ",".join(fleet.addresses), None
    elif way == "dns":
        with NameServer(_HOSTS[:3]) as names:
            yield f"dns://127.0.0.1:{names.port}/edgeocr.test:{fleet.port}", names
    else:
        target = f"127.0.0.1:{_free_port()}"
        with Proxy(way, install(way, cache), fleet.folder / way, target, fleet.addresses) as proxy:
            yield target, proxy


async def _try(way: str, folder: Path, cache: Path) -> list[str]:
    """What is wrong with one way."""
    with ExitStack() as stack:
        fleet = Fleet(folder, stack)
        servers = [fleet.start(place) for place in range(3)]
        target, between = stack.enter_context(_way(way, fleet, cache))
        load = Load(target)
        await load.start()
        await asyncio.sleep(_PHASE_SECONDS)
        servers[0].process.kill()
        killed_at = load.tally.sent
        await asyncio.sleep(_PHASE_SECONDS / 2)
        servers.append(await asyncio.to_thread(fleet.start, 3))
        if isinstance(between, NameServer):
            between.addresses = _HOSTS[1:]
        added_at, before = load.tally.sent, fleet.received()
        await asyncio.sleep(2 * _PHASE_SECONDS)
        since = [len(now) - len(then) for now, then in zip(fleet.received(), before, strict=True)]
        if isinstance(between, Proxy):
            await asyncio.to_thread(between.leave_out, fleet.addresses[1])
        drained_at = load.tally.sent
        servers[1].process.send_signal(signal.SIGTERM)
        exit_code = await asyncio.to_thread(servers[1].process.wait, 60)
        await asyncio.sleep(_PHASE_SECONDS / 2)
        tally = await load.stop()
        received = fleet.received()
    digests = [digest for place in received for digest in place]
    # Those that the load reads beforehand, to know their texts, came once each.
    again = len(digests) - len(set(digests))
    share = since[3] / max(1, sum(since))
    print(
        f"{way}: sent {tally.sent}, answered {len(tally.answers)}, retried {again}, lost {tally.lost}, "
        f"answered twice {tally.twice}, wrong {tally.wrong}"
    )
    print(
        f"  killed after {killed_at}, added after {added_at}, drained after {drained_at} (exit code {exit_code}); "
        f"each received {', '.join(str(len(place)) for place in received)}; the added one {share:.0%} until the drain",
        flush=True,
    )
    for error, count in tally.errors.items():
        print(f"  {count} × {error}", flush=True)
    wrongs = {
        "lost": tally.lost,
        "answered twice": tally.twice,
        "wrong": tally.wrong,
        "not drained": exit_code != 0,
        "without a share for the added server": share < _LEAST_SHARE,
        "without anything sent again, though a server was killed": again == 0,
    }
    return [f"{way}: {what}" for what, wrong in wrongs.items() if wrong]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path("build/fleet"), help="(default: %(default)s)")
    parser.add_argument("--only", nargs="+", choices=WAYS, default=WAYS, help="not all ways")
    arguments = parser.parse_args()
    failures: list[str] = []
    for way in arguments.only:
        with tempfile.TemporaryDirectory() as folder:
            try:
                failures += asyncio.run(_try(way, Path(folder), arguments.cache))
                if way in _PROXIES:
                    target = f"127.0.0.1:{_free_port()}"
                    failures += pass_through.check(way, install(way, arguments.cache), Path(folder), target)
            except Missing as missing:
                failures.append(f"{way} not run: {missing}")
    for failure in failures:
        print(f"FAILED {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
