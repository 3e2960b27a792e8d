"""Bodies as they come, a chunk at a time, without an application."""

from contextlib import aclosing

import pytest
from starlette.requests import Request

from edgeocr.model.limits import Limits
from edgeocr.server.errors import MemoryFull
from edgeocr.server.http.bodies.chunks import chunks_of
from edgeocr.server.http.bodies.form import from_form
from edgeocr.server.http.options import QueryOptions
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use
from edgeocr.server.memory.spool import Spool
from edgeocr.server.memory.upload import UploadTimeout, coming
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.queue import JobQueue

MIB = 1 << 20


def request_of(*chunks, **headers):
    left = list(chunks)

    async def receive():
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": sent}, receive)


@pytest.fixture
def spool(tmp_path):
    value = Spool(tmp_path, 256 * MIB, 1000)
    yield value
    value.close()


def form_of(*files):
    parts = (
        b'--b\r\nContent-Disposition: form-data; name="image"; filename="f"\r\n\r\n%b\r\n' % file for file in files
    )
    return b"".join(parts) + b"--b--\r\n"


async def test_files_that_come_in_one_chunk_count_as_one_each_on_disk(spool):
    budget = Budget(1 << 30, spool_bytes=spool.most_bytes)
    admission = Admission(JobQueue(8, budget), budget, Limits(), None, Metrics(), 300, spool)
    contents = [b"%d" % number for number in range(20)]
    request = request_of(
        form_of(*contents), content_type="multipart/form-data; boundary=b", content_length=str(100 * MIB)
    )
    taken = []
    async with aclosing(from_form(request, QueryOptions(), admission, "client")) as images:
        async for arrival, _ in images:
            taken.append(arrival.upload.hand_over())
    assert [data[: len(data)] for data, _ in taken] == contents
    assert [held.size_bytes for _, held in taken] == [spool.least_bytes] * 20
    assert budget.used_bytes()[Use.SPOOLED] == 20 * spool.least_bytes
    for _, held in taken:
        held.release()
    assert budget.used_bytes() == dict.fromkeys(Use, 0)


async def test_who_has_to_make_room_while_a_chunk_is_taken_does_so_before_the_next_one():
    with coming(Budget(10_000), "client") as held:
        chunks = chunks_of(request_of(b"one", b"two"), held, UploadTimeout(60), lambda: 0)
        async with aclosing(chunks):
            assert await anext(chunks) == b"one"
            held.evict()
            with pytest.raises(MemoryFull):
                await anext(chunks)
