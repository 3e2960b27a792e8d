from edgeocr.results.document import Timings
from edgeocr.server.inference import descriptions
from edgeocr.server.inference.model import InferenceModel
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.events import Finished


def test_requests_and_images_are_counted_with_where_their_time_went():
    model = InferenceModel("1", None, Metrics(), 1)
    (before,) = descriptions.statistics(model)["model_stats"]
    assert before["last_inference"] == 0
    timings = Timings(queue_seconds=1, decode_seconds=2, detect_seconds=3, recognize_seconds=4, total_seconds=9)
    model.statistics.answered(5.0, [Finished((), None, timings)] * 2)
    model.statistics.failed(0.5)
    (told,) = descriptions.statistics(model)["model_stats"]
    assert (told["name"], told["version"], told["inference_count"], told["execution_count"]) == ("edgeocr", "1", 2, 2)
    assert told["last_inference"] > 1e12
    assert told["inference_stats"] == {
        "success": {"count": 1, "ns": 5e9},
        "fail": {"count": 1, "ns": 5e8},
        "queue": {"count": 2, "ns": 2e9},
        "compute_input": {"count": 2, "ns": 4e9},
        "compute_infer": {"count": 2, "ns": 14e9},
        "compute_output": {"count": 2, "ns": 0},
    }
