"""What has a line, what is left out, and what is in a line."""

import json
import logging
import time

import pytest

from edgeocr.model.errors import Limit
from edgeocr.server.access_log.identifiers import request_id, trace_id
from edgeocr.server.access_log.log import AccessLog
from edgeocr.server.access_log.record import CallRecord
from edgeocr.server.errors import QueueFull
from edgeocr.server.observing.metrics import Metrics

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


class Lines(list):
    """In a writer's place."""

    def write(self, members):
        self.append(json.loads(f"{{{members}}}"))


class World:
    def __init__(self, share=1.0):
        self.now, self.lines, self.metrics = 0.0, Lines(), Metrics()
        self.log = AccessLog(self.lines, self.metrics, share, lambda: self.now)

    def call(self, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return CallRecord.of(self.log, "grpc", "Recognize", "alice", "192.0.2.1:5", named)

    def lost(self):
        return self.metrics.registry.get_sample_value("edgeocr_access_log_lost_lines_total")


@pytest.fixture
def world():
    return World()


def test_an_image_without_a_job_has_its_size_code_reason_and_whose_it_is(world):
    error = QueueFull("3 images are waiting", Limit("queue_images", 3, 4), 1.5)
    received = time.monotonic() - 2
    world.call(x_request_id="mine", traceparent=PARENT).image("Recognize", received, error.code, error, None, 70)
    (line,) = world.lines
    assert 2 <= line.pop("seconds") < 3
    assert line == {
        "event": "image",
        "transport": "grpc",
        "method": "Recognize",
        "caller": "alice",
        "peer": "192.0.2.1:5",
        "request_id": "mine",
        "trace_id": TRACE,
        "bytes": 70,
        "code": "RESOURCE_EXHAUSTED",
        "reason": "queue_full",
    }


def test_a_call_that_is_refused_has_a_line_and_is_counted(world):
    world.call().refused("UNAUTHENTICATED", "unauthenticated")
    (line,) = world.lines
    assert (line["event"], line["method"], line["reason"]) == ("refusal", "Recognize", "unauthenticated")
    labels = {"transport": "grpc", "reason": "unauthenticated"}
    assert world.metrics.registry.get_sample_value("edgeocr_refused_calls_total", labels) == 1


def test_a_share_of_the_images_is_logged_and_errors_in_any_case():
    world = World(share=0.25)
    for _ in range(2000):
        world.call().image("Recognize", 0.0, "OK")
    assert 400 < len(world.lines) < 600
    world.lines.clear()
    for _ in range(20):
        world.call().image("Recognize", 0.0, "CANCELLED")
    assert len(world.lines) == 20


def test_errors_beyond_a_number_are_left_out_and_the_next_line_says_how_many(world):
    for _ in range(1500):
        world.call().refused("UNAUTHENTICATED", "unauthenticated")
    assert len(world.lines) == 1000
    assert world.lost() == 500
    world.call().image("Recognize", 0.0, "OK")
    assert world.lines[-1]["left_out"] == 500
    world.now = 10.0
    world.call().refused("UNAUTHENTICATED", "unauthenticated")
    assert len(world.lines) == 1002
    assert "left_out" not in world.lines[-1]


def test_a_log_that_is_off_takes_no_line_and_counts_refusals_all_the_same():
    metrics = Metrics()
    record = CallRecord.of(AccessLog(None, metrics), "http", "POST /api/ocr", "alice", "192.0.2.1:5", {})
    record.image("Recognize", 0.0, "OK")
    record.refused("NOT_FOUND", "not_found")
    labels = {"transport": "http", "reason": "not_found"}
    assert metrics.registry.get_sample_value("edgeocr_refused_calls_total", labels) == 1


@pytest.mark.parametrize("given", ["a", "order-7/line 3", "~" * 128])
def test_a_callers_own_request_id_is_kept(given):
    assert request_id(given, TRACE) == given


@pytest.mark.parametrize("given", [None, "", "a\n", "ü", "x" * 129, b"bytes"])
def test_others_get_their_traces_or_one_of_their_own(given):
    assert request_id(given, TRACE) == TRACE
    assert len({request_id(given, "") for _ in range(9)}) == 9
    assert len(request_id(given, "")) == 16


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (PARENT, TRACE),
        (f"01-{TRACE}-b7ad6b7169203331-01-more", TRACE),
        (f"ff-{TRACE}-b7ad6b7169203331-01", ""),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", ""),
        (PARENT.upper(), ""),
        (PARENT[:-1], ""),
        ("", ""),
        (None, ""),
        (b"00", ""),
    ],
)
def test_a_trace_is_taken_from_what_is_well_formed(given, found):
    assert trace_id(given) == found


def test_calls_are_logged_at_debug_from_their_begin_to_their_end(world, caplog):
    caplog.set_level(logging.DEBUG)
    call = world.call(x_request_id="mine")
    call.begin()
    call.code = "OK"
    call.end()
    begun, ended = (record.getMessage() for record in caplog.records)
    assert begun == "grpc Recognize of alice (192.0.2.1:5) begins: mine"
    assert ended.startswith("grpc Recognize of alice (192.0.2.1:5) ends: mine, OK after 0.")
