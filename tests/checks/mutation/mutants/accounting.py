"""Memory: the budget, its limits and shares, and what follows from them."""

from tests.checks.mutation.mutant import Mutant

_BUDGET, _SHARES, _MONITOR = "server/memory/budget.py", "server/memory/shares.py", "server/memory/monitor.py"
_BUDGET_TESTS = tuple(f"tests/server/memory/test_{name}.py" for name in ("budget", "waiting_for_room", "growing_files"))
_SHARES_TESTS = ("tests/server/memory/test_shares.py",)
_MONITOR_TESTS = ("tests/server/memory/test_monitor.py",)
_LIMIT_TESTS = ("tests/server/memory/test_limits.py",)
_START_TESTS = ("tests/server/memory/test_settling.py",)

MUTANTS = (
    Mutant(
        "takes a run with unsigned weights to need what one with signed weights does",
        "model/networks/x86_weights.py",
        "        return UNSIGNED_MEMORY if _overflows_with(model) else 1.0\n",
        "        return 1.0\n",
        ("tests/model/networks/test_x86_weights.py",),
    ),
    Mutant(
        "accounts for half of what is taken",
        _BUDGET,
        "        self._used[reservation.use] += size_bytes\n",
        "        self._used[reservation.use] += size_bytes // 2\n",
        _BUDGET_TESTS,
    ),
    Mutant(
        "forgets the total",
        _BUDGET,
        "(not used or used + size_bytes <= most) and within",
        "not used or used + size_bytes <= most",
        _BUDGET_TESTS,
    ),
    Mutant(
        "forgets the limits of uses",
        _BUDGET,
        "(not used or used + size_bytes <= most) and within",
        "within",
        _BUDGET_TESTS,
    ),
    Mutant(
        "has no limit for what waits",
        _SHARES,
        "        if after_bytes > most_now or self",
        "        if self",
        _BUDGET_TESTS,
    ),
    Mutant(
        "gives large images the small ones' share",
        _SHARES,
        "most_now = self.most_large_bytes(most_bytes) if large else most_bytes",
        "most_now = most_bytes",
        _BUDGET_TESTS,
    ),
    Mutant(
        "lets one caller have all that may wait", _SHARES, "_CALLER_SHARE = 1 / 2", "_CALLER_SHARE = 1", _SHARES_TESTS
    ),
    Mutant(
        "begins more files than can become whole",
        _SHARES,
        "        return self._can_all_end(growing, held, size_bytes, most_now - after_bytes, most_bytes)",
        "        return True",
        _BUDGET_TESTS,
    ),
    Mutant(
        "lets a caller keep what it holds beyond its share from others",
        _BUDGET,
        "                evict = shares.to_evict(reservation, self.most_bytes(reservation.use))\n",
        "",
        _BUDGET_TESTS,
    ),
    Mutant(
        "never lets one alone in that is beyond its share",
        _BUDGET,
        "        if not others:\n",
        "        if False:\n",
        _BUDGET_TESTS,
    ),
    Mutant(
        "begins to read while more than may arrive does",
        _BUDGET,
        "            return use is not Use.RUNNING or self._used[Use.ARRIVING] <= self.most_bytes(Use.ARRIVING)\n",
        "            return True\n",
        _BUDGET_TESTS,
    ),
    Mutant(
        "tells nobody of room that is free again",
        _BUDGET,
        "            reservation.closed = True\n        if released:\n            self.wake()\n",
        "            reservation.closed = True\n",
        _BUDGET_TESTS,
    ),
    Mutant(
        "gives room to waiting callers in any order",
        _BUDGET,
        "sorted(self._waiters.items(), key=lambda item: item[1][0].number)",
        "sorted(self._waiters.items(), key=lambda item: -item[1][0].number)",
        _BUDGET_TESTS,
    ),
    Mutant(
        "keeps room for callers who went while they waited",
        _BUDGET,
        "                self.resize(reservation, reservation.size_bytes - size_bytes)\n",
        "                pass\n",
        _BUDGET_TESTS,
    ),
    Mutant(
        "ignores what the kernel counts beyond its accounts",
        _MONITOR,
        "budget.observe(unaccounted_bytes=max(0, round(resident - accounted)))",
        "budget.observe(unaccounted_bytes=0)",
        _MONITOR_TESTS,
    ),
    Mutant(
        "takes for its base whatever it holds when idle",
        _MONITOR,
        "budget.observe(unaccounted_bytes=max(0, round(resident - accounted)))",
        "budget.observe(unaccounted_bytes=0, base_bytes=resident if idle_for >= 0 else None)",
        _MONITOR_TESTS,
    ),
    Mutant(
        "gives free memory back once only",
        _MONITOR,
        "return idle_for == 0 or (",
        "return idle_for == 0 and (idle_for == 0 or ",
        _MONITOR_TESTS,
    ),
    Mutant(
        "gives no free memory back when it is short",
        _MONITOR,
        "return resident > _TRIM_FILL * self._budget.total_bytes",
        "return False",
        _MONITOR_TESTS,
    ),
    Mutant(
        "never asks to be restarted for its memory",
        _MONITOR,
        "        if since is None or self._clock() - since < _LASTING_SECONDS:",
        "        if since is None or self._clock() - since < _LASTING_SECONDS * 1e9:",
        _MONITOR_TESTS,
    ),
    Mutant(
        "asks to be restarted for a moment's memory",
        _MONITOR,
        "        if since is None or self._clock() - since < _LASTING_SECONDS:",
        "        if since is None:",
        _MONITOR_TESTS,
    ),
    Mutant(
        "reads images that never fit",
        "server/memory/limits.py",
        "    if made.peak_bytes > most_bytes:",
        "    if False:",
        _LIMIT_TESTS,
    ),
    Mutant(
        "reads images that do not fit beside memory of nobody's",
        "server/memory/limits.py",
        "    if held_bytes > budget.total_bytes:",
        "    if False:",
        _LIMIT_TESTS,
    ),
    Mutant(
        "does not look whether an image fits now",
        "server/scheduling/admission.py",
        "                check_memory_now(made, self._budget)\n",
        "",
        ("tests/server/scheduling/test_workers_under_pressure.py",),
    ),
    Mutant(
        "has no reserve for what an old server holds",
        "server/memory/settling.py",
        "_RESERVE_BYTES = 16 << 20",
        "_RESERVE_BYTES = 0",
        _START_TESTS,
    ),
    Mutant(
        "starts with a budget that nothing fits into",
        "server/memory/settling.py",
        "    if budget.most_bytes(Use.RUNNING) < least:",
        "    if False:",
        _START_TESTS,
    ),
)
