import logging

import pytest

from edgeocr.server.observing.logs import Repetitions


class Log:
    """A logger whose handler leaves out repetitions."""

    def __init__(self):
        self.now, self.said = 0.0, []
        handler = logging.Handler()
        handler.emit = lambda record: self.said.append(record.getMessage())
        handler.addFilter(Repetitions(lambda: self.now))
        self.logger = logging.Logger("test")
        self.logger.addHandler(handler)


@pytest.fixture
def log():
    return Log()


def test_a_complaint_that_comes_again_and_again_is_logged_a_few_times(log):
    for number in range(1000):
        log.logger.error("call %d failed", number)
    assert log.said == [f"call {number} failed" for number in range(5)]


def test_after_a_while_it_is_logged_again_with_how_often_it_was_left_out(log):
    for _ in range(13):
        log.logger.warning("no room")
    log.now = 59.0
    log.logger.warning("no room")
    assert len(log.said) == 5
    log.now = 60.0
    for _ in range(2):
        log.logger.warning("no room")
    assert log.said[5:] == ["no room (and 9 times more in the minute before)", "no room"]


def test_other_complaints_and_what_is_none_are_not_left_out(log):
    for _ in range(20):
        log.logger.error("one thing")
        log.logger.info("news")
    try:
        raise ValueError
    except ValueError:
        log.logger.exception("one thing")
    log.logger.error("another thing")
    assert log.said.count("news") == 20
    assert log.said[-2:] == ["one thing", "another thing"]


def test_what_is_said_of_many_things_takes_little_memory(log):
    filtering = log.logger.handlers[0].filters[0]
    for number in range(5000):
        log.logger.error(f"thing {number}")
    assert len(log.said) == 5000
    assert len(filtering._seen) <= 1000
