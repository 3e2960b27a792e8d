"""Time limits for sending, by a clock that a test sets."""

import asyncio
from types import SimpleNamespace

import pytest

from edgeocr.server.access.callers import Callers
from edgeocr.server.grpc import sending
from edgeocr.server.grpc.call import Call

PEER = ("192.0.2.1", 443)
CONTEXT = SimpleNamespace(peer=lambda: "ipv4:{}:{}".format(*PEER))


@pytest.fixture
def rig(monkeypatch):
    """The clock, and whose connections were shut down."""
    rig = SimpleNamespace(now=0.0, ended=[])
    monkeypatch.setattr(sending, "time", SimpleNamespace(monotonic=lambda: rig.now))
    monkeypatch.setattr(sending, "shut_down", lambda peers: rig.ended.extend(peers) or 1)
    return rig


async def in_call(act):
    async def answer():
        act(sending.Sending(CONTEXT, Call("client", PEER), Callers(), 60.0))

    await asyncio.gather(asyncio.create_task(answer()), return_exceptions=True)


async def test_each_message_has_the_whole_time_limit(rig):
    def act(context):
        context.begin()
        context.end()
        rig.now = 50.0
        context.begin()
        rig.now = 60.0
        context._look()
        assert not rig.ended
        rig.now = 110.0
        context._look()

    await in_call(act)
    assert rig.ended == [PEER]


async def test_nobody_is_cut_off_between_messages(rig):
    def act(context):
        context.begin()
        context.end()
        rig.now = 1000.0
        context._look()

    await in_call(act)
    assert not rig.ended


async def test_what_fails_at_the_end_of_a_call_does_not_keep_the_rest(caplog):
    ended, call = [], Call("client")
    call.until_sent += [lambda: ended.append(1), lambda: 1 / 0, lambda: ended.append(2)]
    call.close()
    call.close()
    assert ended == [2, 1]
    assert "the end of a call failed" in caplog.text
