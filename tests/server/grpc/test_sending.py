"""Time limits for sending, by a clock that a test sets."""

import asyncio
from types import SimpleNamespace

import pytest

from edgeocr.server.access.callers import Callers
from edgeocr.server.grpc import sending
from edgeocr.server.grpc.call import Call

PEER = ("192.0.2.1", 443)
CONTEXT = SimpleNamespace(peer=lambda: "ipv4:{}:{}".format(*PEER))


class Rig:
    """The clock, its timers, and whose connections were shut down."""

    def __init__(self):
        self.now, self.timers, self.ended = 0.0, [], []

    def call_later(self, seconds, act):
        self.timers.append((self.now + seconds, act))
        return SimpleNamespace(cancel=lambda: None)

    def wait_until(self, now):
        self.now = now
        due = [timer for timer in self.timers if timer[0] <= now]
        self.timers = [timer for timer in self.timers if timer not in due]
        for _, act in due:
            act()


@pytest.fixture
def rig(monkeypatch):
    rig = Rig()
    monkeypatch.setattr(sending, "time", SimpleNamespace(monotonic=lambda: rig.now))
    monkeypatch.setattr(sending, "shut_down", lambda peers: rig.ended.extend(peers) or 1)
    return rig


async def in_call(rig, monkeypatch, act):
    async def answer():
        monkeypatch.setattr(asyncio.get_running_loop(), "call_later", rig.call_later)
        try:
            act(sending.Sending(CONTEXT, Call("client", PEER), Callers(), 60.0))
        finally:
            monkeypatch.undo()

    await asyncio.gather(asyncio.create_task(answer()), return_exceptions=True)


async def test_each_message_has_the_whole_time_limit(rig, monkeypatch):
    def act(context):
        context.begin()
        context.end()
        rig.wait_until(50.0)
        context.begin()
        rig.wait_until(60.0)
        assert not rig.ended
        rig.wait_until(110.0)

    await in_call(rig, monkeypatch, act)
    assert rig.ended == [PEER]


async def test_nobody_is_cut_off_between_messages(rig, monkeypatch):
    def act(context):
        context.begin()
        context.end()
        rig.wait_until(1000.0)

    await in_call(rig, monkeypatch, act)
    assert not rig.ended


async def test_what_fails_at_the_end_of_a_call_does_not_keep_the_rest(caplog):
    ended, call = [], Call("client")
    call.until_sent += [lambda: ended.append(1), lambda: 1 / 0, lambda: ended.append(2)]
    call.close()
    call.close()
    assert ended == [2, 1]
    assert "the end of a call failed" in caplog.text
