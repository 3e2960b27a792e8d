"""Reading a request's images without workers: who keeps them."""

import asyncio
import gc
import weakref
from contextlib import ExitStack
from types import SimpleNamespace

from edgeocr.model.options import Mode
from edgeocr.server.grpc.unary import read_all
from edgeocr.server.scheduling.events import Finished, Timings
from edgeocr.server.tracing.tracer import NoTracing


class Source:
    pass


class FakeAdmission:
    """Lets go of every image at once, and answers when it is told to."""

    def __init__(self):
        self.sources, self.delivers, self.released = [], [], []

    def admit(self, caller, source, mode, deliver, timeout_seconds, allow_partial, **options):
        self.sources.append(weakref.ref(source))
        self.delivers.append(deliver)
        return SimpleNamespace(received=0.0, answer=SimpleNamespace(release=lambda: self.released.append(1)))


async def test_an_image_that_its_job_let_go_of_is_kept_by_nobody():
    admission = FakeAdmission()
    images, held = [Source(), Source()], ExitStack()
    reading = asyncio.create_task(
        read_all(admission, NoTracing().call("", ()), "client", images, Mode.PAGE, None, held=held)
    )
    await asyncio.sleep(0)
    gc.collect()
    assert [source() for source in admission.sources] == [None, None]
    finished = Finished((), None, Timings())
    for deliver in admission.delivers:
        deliver(finished)
    assert await asyncio.wait_for(reading, 5) == [finished, finished]
    assert admission.released == []
    held.close()
    assert admission.released == [1, 1]
