"""A second call for what takes too long."""

import asyncio

import pytest

from edgeocr.client.streaming.hedge import hedged


async def test_the_first_answer_counts_and_the_other_call_is_cancelled():
    cancelled = []
    calls = iter([True, False])

    async def ask() -> str:
        if next(calls):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append("first")
                raise
        return "second"

    assert await hedged(ask, 0.01) == "second"
    assert cancelled == ["first"]


async def test_one_failure_waits_for_the_other_call():
    begun = asyncio.Event()
    calls = iter([True, False])

    async def ask() -> str:
        if next(calls):
            await begun.wait()
            raise OSError("first")
        begun.set()
        await asyncio.sleep(0.05)
        return "second"

    assert await hedged(ask, 0.01) == "second"


async def test_when_both_fail_the_first_failure_is_reported():
    calls = iter(["first", "second"])

    async def ask() -> str:
        name = next(calls)
        await asyncio.sleep(0.1)
        raise OSError(name)

    with pytest.raises(OSError, match="first"):
        await hedged(ask, 0.01)
