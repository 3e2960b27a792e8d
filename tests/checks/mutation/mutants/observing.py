"""Faults in what is seen of calls and images."""

from tests.checks.mutation.mutant import Mutant

_RECORD, _LOG, _LINES = (f"server/access_log/{name}.py" for name in ("record", "log", "lines"))
_RECORD_TESTS, _LINES_TESTS = ("tests/server/access_log/test_record.py",), ("tests/server/access_log/test_lines.py",)
_ACCESS_LOG_TESTS = ("tests/end_to_end/observing/test_access_log.py",)

MUTANTS = (
    Mutant(
        "has a second line for an image's error",
        "server/grpc/refusing.py",
        "if call.is_stream or not call.record.images:",
        "if True:",
        _ACCESS_LOG_TESTS,
    ),
    Mutant(
        "counts no refused calls while its log is off",
        _LOG,
        "        if self._metrics is not None:\n            self._metrics.refused_call",
        "        if self._metrics is not None and self._writer is not None:\n            self._metrics.refused_call",
        _RECORD_TESTS,
    ),
    Mutant(
        "logs every refusal of an attacker",
        _LOG,
        "        if self._errors > _ERRORS:",
        "        if False:",
        _RECORD_TESTS,
    ),
    Mutant("leaves errors out of its sample", _LOG, '        if code == "OK":', "        if True:", _RECORD_TESTS),
    Mutant("loses lines without a word", _LINES, "            self._lose(lines)", "            pass", _LINES_TESTS),
    Mutant(
        "believes any request id",
        "server/access_log/identifiers.py",
        "isinstance(given, str) and _PRINTABLE.fullmatch(given)",
        "isinstance(given, str) and given",
        _RECORD_TESTS,
    ),
    Mutant(
        "logs paths that strangers ask for",
        "server/http/middleware/counting.py",
        "{scope['method'][:_MOST_METHOD]} {path}",
        "{scope['method'][:_MOST_METHOD]} {scope['path']}",
        _ACCESS_LOG_TESTS,
    ),
)
