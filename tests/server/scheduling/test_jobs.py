from edgeocr.model.memory_plan import Plan
from edgeocr.model.options import Mode
from edgeocr.model.results import Line, LineRead, Page
from edgeocr.server.memory.budget import Budget, Hold
from edgeocr.server.scheduling.job import Job

LINE = Line(((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0)), "text", 0.5, ())
READ = [LineRead(0, number, LINE) for number in range(3)]


def test_lines_are_delivered_as_they_came_and_nobody_is_woken_for_none():
    deliveries = []
    hold = Hold(Budget(1000), 0)
    job = Job("client", None, Mode.PAGE, 0, 0, Plan(1, 0, 0, 0), hold, lambda *came: deliveries.append(came), None, 0.0)
    job.tell(READ[:2], last=False)
    job.tell([], last=False)
    job.tell(READ[2:], last=True)
    job.add(Page(0, 9, 9, (LINE,) * 3))
    assert deliveries == [tuple(READ[:2])]
    job.finish(end := job.outcome(None))
    assert deliveries == [tuple(READ[:2]), (READ[2], end)]
