"""Start, health, metrics, drain and end."""

from tests.checks.mutation.mutant import Mutant

_ENDPOINT = "server/metrics_endpoint.py"
_ENDPOINT_TESTS = ("tests/server/test_metrics_endpoint.py",)
_DRAIN_TESTS = (
    "tests/server/grpc/test_drain.py",
    "tests/end_to_end/lifecycle/test_lifecycle.py::test_sigterm_finishes_what_was_admitted_and_exits_0",
)

MUTANTS = (
    Mutant(
        "stops gRPC without waiting for open calls",
        "server/grpc/server.py",
        "            await asyncio.wait_for(self._lifecycle.idle(), timeout_seconds)\n            finished = True",
        "            finished = True",
        _DRAIN_TESTS,
    ),
    Mutant(
        "stops HTTP without waiting for open calls",
        "server/http/server.py",
        "            await asyncio.wait_for(self._lifecycle.idle(), timeout_seconds)\n            finished = True",
        "            finished = True",
        ("tests/end_to_end/http/test_http.py::test_what_was_taken_is_answered_before_the_server_stops",),
    ),
    Mutant(
        "counts calls as over that are not",
        "server/lifecycle/calls.py",
        "        if not self._open:\n            self._idle.set()",
        "        self._idle.set()",
        ("tests/server/lifecycle/test_calls.py",),
    ),
    Mutant(
        "stops while calls are on their way",
        "server/lifecycle/calls.py",
        "            if opened == self._opened:\n                break",
        "            break",
        ("tests/server/lifecycle/test_calls.py",),
    ),
    Mutant(
        "takes images while it drains",
        "server/scheduling/admission.py",
        "            if self._draining:",
        "            if False:",
        ("tests/server/scheduling/test_workers.py", "tests/server/grpc/test_drain.py"),
    ),
    Mutant(
        "never finds a worker stuck",
        "server/lifecycle/watchdog.py",
        "if longest >= stuck_seconds else",
        "if longest < 0 else",
        ("tests/server/lifecycle/test_watchdog.py",),
    ),
    Mutant(
        "waits for ever for a worker that will not come back",
        "server/lifecycle/watchdog.py",
        "if longest < _PATIENCE * self._stuck_seconds or self.fault:",
        "if longest >= 0.0:",
        ("tests/server/lifecycle/test_watchdog.py",),
    ),
    Mutant(
        "serves while something is wrong",
        "server/lifecycle/watchdog.py",
        "        await self._set_serving(not complaints)\n",
        "        await self._set_serving(True)\n",
        ("tests/server/lifecycle/test_watchdog.py",),
    ),
    Mutant(
        "never serves again after something was wrong",
        "server/lifecycle/watchdog.py",
        "        if self._serving == (not complaints):",
        "        if not self._serving or not complaints:",
        ("tests/server/lifecycle/test_watchdog.py",),
    ),
    Mutant(
        "loses a watch to its first fault",
        "server/lifecycle/background.py",
        "        except Exception:\n",
        "        except ZeroDivisionError:\n",
        ("tests/server/lifecycle/test_background.py",),
    ),
    Mutant(
        "goes on without a watch that ended",
        "server/lifecycle/background.py",
        "        self._on_fault()\n",
        "",
        ("tests/server/lifecycle/test_background.py",),
    ),
    Mutant(
        "repeats what fails without a pause",
        "server/lifecycle/background.py",
        "            await asyncio.sleep(_PAUSE_SECONDS)\n",
        "",
        ("tests/server/lifecycle/test_background.py",),
    ),
    Mutant(
        "logs the same complaint without an end",
        "server/logs.py",
        "            if self._seen[kind] > _MOST_ALIKE:",
        "            if False:",
        ("tests/server/test_logs.py",),
    ),
    Mutant(
        "never logs a complaint again",
        "server/logs.py",
        "            if self._clock() >= self._end:",
        "            if False:",
        ("tests/server/test_logs.py",),
    ),
    Mutant(
        "lets silent connections keep scrapers out",
        _ENDPOINT,
        "        if len(self._connections) > MOST_CONNECTIONS:",
        "        if False:",
        _ENDPOINT_TESTS,
    ),
    Mutant(
        "waits without an end for a scraper's request",
        _ENDPOINT,
        "call_later(CONNECTION_SECONDS, self.close)",
        "call_later(1e6, self.close)",
        _ENDPOINT_TESTS,
    ),
    Mutant(
        "takes a scraper's head of any size",
        _ENDPOINT,
        "        elif len(self._head) > _MOST_HEAD_BYTES:",
        "        elif False:",
        _ENDPOINT_TESTS,
    ),
    Mutant(
        "is always ready on the metrics' port",
        _ENDPOINT,
        'if path == "/readyz" and not self._lifecycle.ready:',
        "if False:",
        _ENDPOINT_TESTS,
    ),
    Mutant(
        "is always ready over HTTP",
        "server/http/routes.py",
        "        if not lifecycle.ready:",
        "        if False:",
        ("tests/server/http/test_routes.py", "tests/server/http/test_refusals.py"),
    ),
    Mutant(
        "forgets SIGHUP that came before it was ready",
        "server/app.py",
        "    if reload_asked():\n",
        "    if False:\n",
        ("tests/end_to_end/lifecycle/test_reload.py::test_sighup_before_the_server_is_ready_waits_until_it_is",),
    ),
    Mutant(
        "ends by SIGHUP before it is ready",
        "server/command.py",
        "    signal.signal(signal.SIGHUP, lambda *_: reload_asked.set())\n",
        "",
        ("tests/server/test_command.py",),
    ),
    Mutant(
        "ends as if all was well after a fault of its own",
        "server/command.py",
        "    except ServerFault:\n        return _EXIT_FAULT",
        "    except ServerFault:\n        return 0",
        ("tests/server/test_command.py",),
    ),
    Mutant(
        "says of every service that it serves",
        "server/grpc/health.py",
        "            answer.statuses[service].CopyFrom(state)",
        "            answer.statuses[service].status = 1",
        ("tests/server/grpc/test_health.py",),
    ),
)
