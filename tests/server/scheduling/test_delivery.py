import asyncio
import threading

from edgeocr.model.results import Line, LineRead
from edgeocr.server.scheduling.delivery import Inbox

POLYGON = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
THREADS, EVENTS = 8, 500


def read(number):
    return LineRead(0, number, Line(POLYGON, "text", 1.0, ()))


async def test_no_event_of_any_thread_is_lost_or_overtaken():
    inbox = Inbox()
    start = threading.Barrier(THREADS)

    def deliver(key):
        put = inbox.deliver(key)
        start.wait()
        for number in range(EVENTS):
            put(read(number))

    threads = [threading.Thread(target=deliver, args=(key,)) for key in range(THREADS)]
    for thread in threads:
        thread.start()
    seen = {key: [] for key in range(THREADS)}
    for _ in range(THREADS * EVENTS):
        key, event = await inbox.get()
        seen[key].append(event.line_index)
    assert all(numbers == list(range(EVENTS)) for numbers in seen.values())
    for thread in threads:
        thread.join()


async def test_a_reader_that_waits_is_woken_by_each_way_in():
    inbox = Inbox()
    for come in (lambda: inbox.put(None), lambda: threading.Thread(target=inbox.deliver("a"), args=(read(0),)).start()):
        waiting = asyncio.create_task(inbox.get())
        await asyncio.sleep(0)
        come()
        arrived = await waiting
        assert arrived is None or arrived[0] == "a"
