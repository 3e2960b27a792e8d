from edgeocr.server.grpc.open_inference.tensors import statistics as message
from edgeocr.server.inference.statistics import Statistics
from edgeocr.server.scheduling.events import Finished, Timings


def test_requests_and_images_are_counted_with_where_their_time_went():
    statistics = Statistics()
    assert message(statistics, "edgeocr", "1").last_inference == 0
    timings = Timings(queue_seconds=1, decode_seconds=2, detect_seconds=3, recognise_seconds=4, total_seconds=9)
    statistics.answered(5.0, [Finished((), None, timings)] * 2)
    statistics.failed(0.5)
    told = message(statistics, "edgeocr", "1")
    assert (told.name, told.version, told.inference_count, told.execution_count) == ("edgeocr", "1", 2, 2)
    assert told.last_inference > 1e12
    times = told.inference_stats
    assert (times.success.count, times.success.ns) == (1, 5e9)
    assert (times.fail.count, times.fail.ns) == (1, 5e8)
    assert (times.queue.count, times.queue.ns) == (2, 2e9)
    assert (times.compute_input.ns, times.compute_infer.ns, times.compute_output.ns) == (4e9, 14e9, 0)
