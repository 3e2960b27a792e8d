import json
import os

import pytest

from edgeocr.server.access_log import lines as module
from edgeocr.server.access_log.lines import LineWriter


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield reading, writing
    for end in (reading, writing):
        try:
            os.close(end)
        except OSError:
            continue


def read_all(pipe):
    os.close(pipe[1])
    with os.fdopen(os.dup(pipe[0]), "rb") as file:
        return [json.loads(row) for row in file]


def test_every_line_is_an_object_with_its_time_and_they_keep_their_order(pipe):
    writer = LineWriter(pipe[1], pytest.fail)
    for number in range(300):
        writer.write(f'"number": {number}, "text": "第 \\n line"')
    writer.close()
    found = read_all(pipe)
    assert [line["number"] for line in found] == list(range(300))
    assert {line["text"] for line in found} == {"第 \n line"}
    assert all(line["time"].endswith("Z") and len(line["time"]) == 24 for line in found)


def test_what_nobody_reads_is_counted_and_holds_up_nobody(pipe, monkeypatch):
    monkeypatch.setattr(module, "_MOST_WAITING", 50)
    monkeypatch.setattr(module, "_CLOSE_SECONDS", 0.01)
    lost = []
    writer = LineWriter(pipe[1], lost.append)
    for _ in range(2000):
        writer.write(f'"fill": "{"x" * 4000}"')
    assert 1800 < sum(lost) < 2000
    writer.close()
    os.close(pipe[0])


def test_lines_to_a_closed_reader_are_lost_and_counted(pipe):
    os.close(pipe[0])
    lost = []
    writer = LineWriter(pipe[1], lost.append)
    writer.write('"a": 1')
    writer.write('"a": 2')
    writer.close()
    assert sum(lost) == 2
