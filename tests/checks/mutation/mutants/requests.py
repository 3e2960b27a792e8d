"""What callers send over HTTP, and what all transports share."""

from tests.checks.mutation.mutant import Mutant

_JSON, _MULTIPART = "server/http/bodies/json_images.py", "server/http/bodies/multipart.py"
_ELEMENTS = "server/http/inference/elements.py"
_INFERENCE_TESTS = ("tests/server/http/test_inference.py",)
_JSON_TESTS = ("tests/server/http/test_json_images.py",)
_FORM_TESTS = ("tests/server/http/test_refusals.py", "tests/server/http/test_routes.py")
_STREAM_TESTS = ("tests/server/grpc/test_stream.py",)

MUTANTS = (
    Mutant(
        "takes an image's length for true, though no such bytes are announced",
        _ELEMENTS,
        "        if size_bytes > self._left_bytes:\n",
        "        if False:\n",
        _INFERENCE_TESTS,
    ),
    Mutant(
        "takes more images than a request's shape has",
        _ELEMENTS,
        "        if self._count == self.parsed.count:\n",
        "        if False:\n",
        _INFERENCE_TESTS,
    ),
    Mutant(
        "takes a number of more digits than Python does",
        "server/http/inference/body.py",
        " and len(length) <= _MOST_DIGITS",
        "",
        _INFERENCE_TESTS,
    ),
    Mutant(
        "takes an id that no answer can have",
        "server/http/inference/parsed_request.py",
        " or _SURROGATE.search(request_id)",
        "",
        _INFERENCE_TESTS,
    ),
    Mutant(
        "takes a time that no float holds",
        "server/inference/question.py",
        "not 0 < given <= _MOST_MICROSECONDS",
        "given <= 0",
        _INFERENCE_TESTS,
    ),
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
        "        if len(self.fields) >= _MOST_FIELDS:",
        "        if False:",
        _FORM_TESTS,
    ),
    Mutant(
        "takes a form that was cut off",
        _MULTIPART,
        '            raise InvalidInput("body: the form ended before its last boundary") from None',
        "            return",
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
        "tells HTTP callers of its bugs",
        "server/http/answers/problems.py",
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
        "server/http/answers/sse.py",
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
        "keeps what a call had that ended with an error",
        "server/lifecycle/calls.py",
        "            receiving.pop().cancel()\n",
        "            receiving[0].cancel()\n",
        ("tests/server/lifecycle/test_calls.py",),
    ),
    Mutant(
        "takes another connection's bytes for one's own",
        "server/host/connections.py",
        "        if _peer(connection) != peer:\n            return None\n",
        "",
        ("tests/server/host/test_connections.py",),
    ),
)
