import asyncio
import threading

from edgeocr.model.results import Line, LineRead
from edgeocr.server.scheduling.delivery import ResultQueue

POLYGON = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
THREADS, EVENTS = 8, 500


def read(number):
    return LineRead(0, number, Line(POLYGON, "text", 1.0, ()))


async def test_no_event_of_any_thread_is_lost_or_overtaken():
    result_queue = ResultQueue()
    start = threading.Barrier(THREADS)

    def deliver(key):
        put = result_queue.deliver(key)
        start.wait()
        for number in range(EVENTS):
            put(read(number))

    threads = [threading.Thread(target=deliver, args=(key,)) for key in range(THREADS)]
    for thread in threads:
        thread.start()
    seen = {key: [] for key in range(THREADS)}
    for _ in range(THREADS * EVENTS):
        key, event = await result_queue.get()
        seen[key].append(event.line_index)
    assert all(numbers == list(range(EVENTS)) for numbers in seen.values())
    for thread in threads:
        thread.join()


async def test_a_reader_that_waits_is_woken_by_each_way_in():
    result_queue = ResultQueue()
    for come in (
        lambda: result_queue.put(None),
        lambda: threading.Thread(target=result_queue.deliver("a"), args=(read(0),)).start(),
    ):
        waiting = asyncio.create_task(result_queue.get())
        await asyncio.sleep(0)
        come()
        arrived = await waiting
        assert arrived is None or arrived[0] == "a"
