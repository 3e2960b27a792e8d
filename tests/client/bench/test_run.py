import asyncio
import itertools

import grpc
import pytest

from edgeocr.client.bench import Plan, run_load

pytestmark = pytest.mark.timeout(30)

WAYS = pytest.mark.parametrize("streams", [0, 2], ids=["unary", "streams"])


def load(server, *images, **values):
    quick = {"warm_up_seconds": 0.0, "duration_seconds": 20.0, "grace_seconds": 5.0}
    return asyncio.run(run_load(server.target, Plan([image.encode() for image in images], **{**quick, **values})))


@WAYS
def test_a_closed_loop_gets_an_answer_to_everything_it_sends(server, streams):
    report = load(server, "one", "two\nlines", concurrency=3, streams=streams, requests=30)
    assert (report.sent, report.ok, report.unanswered) == (30, 30, 0)
    assert report.images_in_window == 30
    assert report.lines_in_window == report.lines == 45
    assert report.stages["total"].percentile(0.5) == 0.5
    assert report.first_line.count == (30 if streams else 0)


@WAYS
def test_an_open_loop_does_not_wait_for_answers(server, streams):
    report = load(server, "hang", rate=500.0, streams=streams, requests=40, grace_seconds=0.1)
    assert (report.sent, report.answered, report.unanswered) == (40, 0, 40)


@WAYS
def test_nothing_is_sent_twice(server, streams):
    report = load(server, "error UNAVAILABLE gone", streams=streams, requests=10)
    assert report.codes == {"UNAVAILABLE": 10}
    assert report.errors == 10
    assert server.ocr.unary_calls + sum(len(stream.ids) for stream in server.ocr.streams) == 10


def test_images_are_spread_over_the_streams(server):
    load(server, "a", streams=3, concurrency=6, requests=60)
    assert len(server.ocr.streams) == 3
    assert all(stream.ids for stream in server.ocr.streams)
    assert all(stream.half_closed for stream in server.ocr.streams)


def test_a_stream_that_breaks_is_an_error_for_each_of_its_images_and_is_followed_by_another(server, stream_plan):
    server.ocr.plans.append(stream_plan(break_after=2, break_code=grpc.StatusCode.INTERNAL))
    report = load(server, "a", streams=1, requests=8)
    assert report.codes == {"OK": 7, "INTERNAL": 1}
    assert len(server.ocr.streams) == 2


def test_an_answer_that_comes_twice_is_noticed(server, stream_plan):
    server.ocr.plans.append(stream_plan(repeat=True))
    report = load(server, "a", streams=1, requests=5)
    assert (report.ok, report.unexpected) == (5, 5)


def test_an_image_that_hangs_is_missing_in_a_closed_loop_too(server):
    report = load(server, "hang", concurrency=2, duration_seconds=0.2, grace_seconds=0.1)
    assert (report.sent, report.unanswered) == (2, 2)


def test_no_server_is_an_error_for_every_request(stopped_server):
    report = load(stopped_server, "a", requests=3)
    assert report.codes == {"UNAVAILABLE": 3}


def test_arrivals_have_the_rate_that_was_asked_for():
    for arrivals in ("poisson", "even"):
        plan = Plan([b"a"], rate=50.0, arrivals=arrivals)
        times = list(itertools.islice(plan.arrival_seconds(seed=3), 5000))
        assert times == sorted(times)
        assert 90 < times[-1] < 110
    assert times[:3] == [0.0, 0.02, 0.04]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"images": []}, "images must have at least one"),
        ({"concurrency": 0}, "concurrency must be at least 1"),
        ({"rate": 0.0}, "rate must be more than 0"),
        ({"rate": float("nan")}, "rate must be more than 0"),
        ({"arrivals": "late"}, "arrivals is one of poisson, even"),
        ({"requests": 0}, "requests must be more than 0"),
    ],
)
def test_a_plan_without_sense_is_refused(values, complaint):
    with pytest.raises(ValueError, match=complaint):
        Plan(**{"images": [b"a"], **values})
