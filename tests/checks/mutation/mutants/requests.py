"""What callers send, and what they are told."""

from tests.checks.mutation.mutant import Mutant

_JSON, _MULTIPART = "server/http/bodies/json_images.py", "server/http/bodies/multipart.py"
_JSON_TESTS = ("tests/server/http/test_json_images.py",)
_FORM_TESTS = ("tests/server/http/test_refusals.py", "tests/server/http/test_routes.py")
_INTAKE_TESTS = ("tests/server/grpc/interceptors/test_intake.py",)
_STREAM_TESTS = ("tests/server/grpc/test_stream.py",)
_ERROR_TESTS = ("tests/server/grpc/interceptors/test_errors.py",)

MUTANTS = (
    Mutant(
        "takes fields of any size",
        _MULTIPART,
        "        if len(part.text) > _MOST_FIELD_BYTES:",
        "        if False:",
        _FORM_TESTS,
    ),
    Mutant(
        "takes any number of fields",
        _MULTIPART,
        "        elif len(self.fields) >= _MOST_FIELDS:",
        "        elif False:",
        _FORM_TESTS,
    ),
    Mutant(
        "takes a form that was cut off",
        _MULTIPART,
        "        if not self._ended:",
        "        if False:",
        _FORM_TESTS,
    ),
    Mutant(
        "takes any number of images in a form",
        "server/http/bodies/admitting.py",
        "                if session.count >= most_images:",
        "                if False:",
        (*_FORM_TESTS, "tests/server/http/test_streams.py"),
    ),
    Mutant("takes JSON of any number of values", _JSON, "> _MOST_MARKS:", "> 1 << 60:", _JSON_TESTS),
    Mutant("takes JSON of any number of texts", _JSON, "> _MOST_QUOTES:", "> 1 << 60:", _JSON_TESTS),
    Mutant("takes JSON of any size beside images", _JSON, "> _MOST_BESIDE_BYTES:", "> 1 << 60:", _JSON_TESTS),
    Mutant(
        "takes two images for one in base64",
        _JSON,
        "                if ended and (whole or left):",
        "                if False:",
        _JSON_TESTS,
    ),
    Mutant("cuts base64 within an escape", _JSON, "return cut if escape < 0 else escape", "return cut", _JSON_TESTS),
    Mutant("decodes base64 in one piece", _JSON, "_PIECE_BYTES = 256 * 1024", "_PIECE_BYTES = 1 << 40", _JSON_TESTS),
    Mutant(
        "gives answers to the oldest image",
        "server/scheduling/session.py",
        "            self._events.deliver(entry),",
        "            self._events.deliver(next(iter(self._open))),",
        _STREAM_TESTS,
    ),
    Mutant(
        "tells lines with another image's id",
        "server/grpc/events.py",
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
        "tells HTTP callers of its bugs",
        "server/http/problems.py",
        "detail=INTERNAL_TEXT,",
        "detail=repr(__),",
        _FORM_TESTS,
    ),
    Mutant(
        "tells of its bugs in an image's error",
        "model/errors.py",
        "    return EdgeOcrError(INTERNAL_TEXT)",
        "    return EdgeOcrError(repr(error))",
        ("tests/server/scheduling/test_workers.py",),
    ),
    Mutant(
        "has no kind for errors that are no want of room",
        "server/grpc/convert.py",
        "reason=(error.reason or error.code).upper()",
        "reason=error.reason.upper()",
        ("tests/server/grpc/test_convert.py",),
    ),
    Mutant(
        "never says when to ask again",
        "server/grpc/convert.py",
        "    if error.retry_seconds is not None:\n        retry =",
        "    if error.retry_seconds is None:\n        retry =",
        ("tests/server/grpc/test_convert.py",),
    ),
    Mutant(
        "lets a connection be silent for ever",
        "server/http/connection.py",
        "        if self.conn.their_state is h11.IDLE:\n            self.transport.close()",
        "        pass",
        ("tests/server/http/test_connection.py::test_a_head_that_does_not_come_is_given_up",),
    ),
    Mutant(
        "waits without an end for the next part of a file",
        "server/memory/upload.py",
        "return max(0.0, min(self._slack_seconds, self._left_seconds))",
        "return 1e9",
        ("tests/server/memory/test_upload.py",),
    ),
    Mutant(
        "waits for all parts of a file without an end",
        "server/memory/upload.py",
        "            self._left_seconds -= waited_seconds\n",
        "",
        ("tests/server/memory/test_upload.py",),
    ),
    Mutant(
        "takes uploads of any size",
        "server/memory/upload.py",
        "return min(self._most_bytes, self._held.budget.most_file_bytes(self._held.use))",
        "return 1 << 60",
        ("tests/server/memory/test_upload.py",),
    ),
    Mutant(
        "works on for a caller of HTTP who is gone",
        "server/http/sse.py",
        "        if not working.done():\n",
        "        if not working.done() and await working is None:\n",
        ("tests/end_to_end/http/test_http.py::test_work_for_a_client_that_goes_away_is_dropped",),
    ),
    Mutant(
        "waits for a byte now and then as for a file",
        "server/memory/upload.py",
        "            self._slack_seconds -= waited_seconds\n",
        "",
        ("tests/server/memory/test_upload.py",),
    ),
    Mutant(
        "takes what others say of themselves for their address",
        "server/access/callers.py",
        "        while forwarded and self.is_trusted(address):",
        "        while forwarded:",
        ("tests/server/access/test_callers.py",),
    ),
    Mutant(
        "takes any token for a caller of its own",
        "server/access/callers.py",
        " and (owner := self._tokens.current().caller(token)):",
        " and (owner := token.decode()):",
        ("tests/server/access/test_callers.py",),
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
        "for read in reversed(reads) if",
        "for read in reads if",
        _INTAKE_TESTS,
    ),
    Mutant(
        "begins to read single calls while memory is short",
        "server/grpc/interceptors/intake.py",
        "            if self._reads.is_short(caller):",
        "            if False:",
        _INTAKE_TESTS,
    ),
)
