"""Messages over gRPC: what callers send, and what they are told."""

from tests.checks.mutation.mutant import Mutant

_INTAKE_TESTS = ("tests/server/grpc/interceptors/test_intake.py", "tests/server/grpc/interceptors/test_ended_reads.py")
_TURNS, _TURNS_TESTS = "server/grpc/interceptors/turns.py", ("tests/server/grpc/interceptors/test_turns.py",)
_INCOMING_TESTS = ("tests/server/grpc/interceptors/test_incoming.py",)
_ERROR_TESTS = ("tests/server/grpc/interceptors/test_errors.py",)

MUTANTS = (
    Mutant(
        "tells lines with another image's id",
        "server/grpc/messages/events.py",
        "            line = ocr_pb2.LineEvent(\n                image_id=entry.name,",
        '            line = ocr_pb2.LineEvent(\n                image_id="0",',
        (
            "tests/end_to_end/reading/test_reading.py::"
            "test_an_ordered_stream_answers_each_image_with_lines_and_then_its_completion",
        ),
    ),
    Mutant(
        "takes an id twice",
        "server/grpc/image_ids.py",
        "        if image_id in self._known:",
        "        if False:",
        ("tests/server/grpc/test_image_ids.py",),
    ),
    Mutant(
        "takes ids of any length",
        "server/grpc/image_ids.py",
        "        if not 0 < len(image_id.encode()) <= IMAGE_ID_BYTES:",
        "        if not image_id:",
        ("tests/server/grpc/test_image_ids.py",),
    ),
    Mutant(
        "remembers every id for ever",
        "server/grpc/image_ids.py",
        "            self._known.discard(self._recent[0])",
        "            pass",
        ("tests/server/grpc/test_image_ids.py",),
    ),
    Mutant(
        "takes messages with any amount of text",
        "server/grpc/interceptors/message_size.py",
        "            beside_bytes += place - begin",
        "            beside_bytes = 0",
        ("tests/server/grpc/interceptors",),
    ),
    Mutant(
        "tells gRPC callers of its bugs",
        "server/grpc/interceptors/errors.py",
        '    except Exception:\n        _log.exception("a call failed")\n',
        '    except ZeroDivisionError:\n        _log.exception("a call failed")\n',
        _ERROR_TESTS,
    ),
    Mutant(
        "has no kind for errors that are no want of room",
        "server/grpc/messages/convert.py",
        "reason=(error.reason or error.code).upper()",
        "reason=error.reason.upper()",
        ("tests/server/grpc/test_convert.py",),
    ),
    Mutant(
        "never says when to ask again",
        "server/grpc/messages/convert.py",
        "    if error.retry_seconds is not None:\n        retry =",
        "    if error.retry_seconds is None:\n        retry =",
        ("tests/server/grpc/test_convert.py",),
    ),
    Mutant(
        "reads messages of any size of those that carry no image",
        "server/grpc/interceptors/intake.py",
        "                if len(data) > PROBE_BYTES:",
        "                if False:",
        _INTAKE_TESTS,
    ),
    Mutant(
        "waits for ever for a message",
        "server/grpc/interceptors/pending_reads.py",
        "        for read in [read for read in self._reads if read.is_silent(now)]:",
        "        for read in []:",
        _INTAKE_TESTS,
    ),
    Mutant(
        "reads messages for which there is no memory",
        "server/grpc/interceptors/pending_reads.py",
        "        if self._reads and over_bytes > 0 and now",
        "        if self._reads and over_bytes < 0 and now",
        _INTAKE_TESTS,
    ),
    Mutant(
        "ends the oldest reads when memory is short",
        "server/grpc/interceptors/pending_reads.py",
        "        ended = of_most[-1:]\n",
        "        ended = of_most[:1]\n",
        _INTAKE_TESTS,
    ),
    Mutant(
        "lets any number of bytes be on their way",
        "server/grpc/interceptors/pending_reads.py",
        "        while self._too_much_bytes() > 0 and self._evict():\n",
        "        while False:\n",
        _INTAKE_TESTS,
    ),
    Mutant(
        "begins any number of reads before it looks at what has come",
        _TURNS,
        "        return not self._taken or count",
        "        return True or count",
        _TURNS_TESTS,
    ),
    Mutant("lets reads begin as soon as it looks at all", _TURNS, "_SHOWN = 2\n", "_SHOWN = 1\n", _TURNS_TESTS),
    Mutant(
        "begins the reads of the caller that has most",
        _TURNS,
        "            granted = min(",
        "            granted = max(",
        _TURNS_TESTS,
    ),
    Mutant(
        "serves those who have gone away",
        _TURNS,
        "            if not granted.done():\n",
        "            if True:\n",
        _TURNS_TESTS,
    ),
    Mutant(
        "lets one caller have all turns to read",
        _TURNS,
        "        count = len(self._taken) + 1 + left_to_others\n",
        "        count = len(self._taken) + 1\n",
        _TURNS_TESTS,
    ),
    Mutant(
        "has each message that came wait for a look before the next is read",
        "server/grpc/interceptors/pending_reads.py",
        "                self._turns.give_back(turn)\n",
        "                pass\n",
        _INTAKE_TESTS,
    ),
    Mutant(
        "keeps free memory that reads held which it ended",
        "server/grpc/interceptors/pending_reads.py",
        "        self._is_to_trim = True\n",
        "        self._is_to_trim = False\n",
        _INTAKE_TESTS,
    ),
    Mutant(
        "keeps what came of a message that it does not wait for any more",
        "server/grpc/interceptors/pending_reads.py",
        "                return _EVICTED if read.evicted else _SILENT",
        "                error = f'message: none arrived within {most_seconds:g} s'\n"
        "                raise Evicted if read.evicted else Silent(error) from None",
        _INTAKE_TESTS,
    ),
    Mutant(
        "unpacks messages, whatever they take then",
        "server/grpc/server.py",
        '                ("grpc.compression_enabled_algorithms_bitset", _AS_IS),\n',
        "",
        ("tests/end_to_end/access/test_strange_messages.py",),
    ),
    Mutant(
        "ends what arrives of the caller that has least",
        "server/grpc/interceptors/pending_reads.py",
        "        most = max(callers.values())\n",
        "        most = min(callers.values())\n",
        _INTAKE_TESTS,
    ),
    Mutant(
        "takes a whole message of a new connection for one on its way",
        "server/grpc/interceptors/incoming.py",
        "            before = self._before_found.pop(peer, 0)",
        "            before = 0",
        _INCOMING_TESTS,
    ),
    Mutant(
        "ends what is on its way over the oldest connection",
        "server/grpc/interceptors/incoming.py",
        "for peer in reversed(self._of_messages)",
        "for peer in self._of_messages",
        (*_INTAKE_TESTS, *_INCOMING_TESTS),
    ),
    Mutant(
        "takes nothing of a message off once it is whole",
        "server/grpc/interceptors/incoming.py",
        "        came = partial if size_bytes is None else _on_wire(size_bytes)\n",
        "        came = 0\n",
        _INCOMING_TESTS,
    ),
    Mutant(
        "lets small messages hide what else is on its way",
        "server/grpc/interceptors/incoming.py",
        "min(self._of_messages[peer], received)",
        "self._of_messages[peer]",
        _INCOMING_TESTS,
    ),
    Mutant(
        "begins to read single calls while memory is short",
        "server/grpc/interceptors/intake.py",
        "            if self._reads.is_short(caller):",
        "            if False:",
        _INTAKE_TESTS,
    ),
)
