from edgeocr.model.results import Line, LineRead, Page
from edgeocr.server.memory.budget import Budget
from tests.server.pool import make_job

LINE = Line(((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0)), "text", 0.5, ())
READ = [LineRead(0, number, LINE) for number in range(3)]


def test_lines_are_delivered_as_they_came_and_nobody_is_woken_for_none():
    deliveries = []
    job = make_job(Budget(1000), deliver=lambda *came: deliveries.append(came))
    job.tell(READ[:2], last=False)
    job.tell([], last=False)
    job.tell(READ[2:], last=True)
    job.add(Page(0, 9, 9, (LINE,) * 3))
    assert deliveries == [tuple(READ[:2])]
    job.finish(end := job.outcome(None))
    assert deliveries == [tuple(READ[:2]), (READ[2], end)]
