"""Large files on their way: on disk, accounted for there, without a trace afterwards."""

import asyncio
import errno
import os
import re
from contextlib import suppress
from pathlib import Path

import pytest

from edgeocr.model.errors import OutOfMemory, TooLarge
from edgeocr.model.files.contents import StoredFile
from edgeocr.server.errors import SpoolFull
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use
from edgeocr.server.memory.spool import Spool, open_spool
from edgeocr.server.memory.upload import Upload, coming

MIB = 1 << 20


@pytest.fixture
def spool(tmp_path):
    value = Spool(tmp_path, 1000, 10)
    yield value
    value.close()


def uploading(spool, caller="client", most_bytes=900):
    budget = Budget(10_000, spool_bytes=spool.most_bytes)
    held = coming(budget, caller, 500, spool)
    return budget, held, Upload(held, most_bytes, spool=spool)


def open_files(folder):
    """What this process has open in a folder, files without a name included."""
    names = []
    for number in os.listdir("/proc/self/fd"):
        # The one that lists them is closed by now.
        with suppress(FileNotFoundError):
            names.append(os.readlink(f"/proc/self/fd/{number}"))
    return [name for name in names if name.startswith(f"{folder}/")]


async def add(held, upload, chunk):
    await held.grow_within(max(held.least_bytes, upload.size_bytes + len(chunk)) - held.size_bytes, 1)
    upload.add(chunk)
    await upload.settle()


async def test_what_comes_is_on_disk_and_takes_no_memory(spool, tmp_path):
    budget, held, upload = uploading(spool)
    await add(held, upload, b"one")
    assert budget.used_bytes() == dict.fromkeys(Use, 0) | {Use.SPOOLED: 10}, "a file counts as one, however small"
    await add(held, upload, b"and all the others")
    assert budget.used_bytes() == dict.fromkeys(Use, 0) | {Use.SPOOLED: 21}
    assert budget.held_bytes() == 0
    assert not list(tmp_path.iterdir())
    data, kept = upload.hand_over()
    held.release()
    assert data[: len(data)] == b"oneand all the others"
    assert kept.size_bytes == 21
    kept.release()
    assert budget.used_bytes() == dict.fromkeys(Use, 0)


async def test_a_file_that_is_given_up_while_it_is_written_leaves_nothing(spool, monkeypatch, tmp_path):
    budget, held, upload = uploading(spool)
    written = asyncio.Event()
    append = Spool.append

    async def late(*arguments):
        file = await append(*arguments)
        written.set()
        await asyncio.sleep(0)
        return file

    monkeypatch.setattr(Spool, "append", late)
    adding = asyncio.create_task(add(held, upload, b"one"))
    await written.wait()
    assert open_files(tmp_path)
    upload.drop()
    held.release()
    await adding
    assert budget.used_bytes() == dict.fromkeys(Use, 0)
    # The thread that wrote it lets go of it a moment later.
    async with asyncio.timeout(10):
        while open_files(tmp_path):
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
async def test_a_disk_that_takes_no_more_is_said_and_harms_nobody_else(spool, monkeypatch, caplog, number):
    budget, held, upload = uploading(spool)
    await add(held, upload, b"one")
    append = StoredFile.append

    def fail(self, data):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(StoredFile, "append", fail)
    for _ in range(3):
        refused = coming(budget, "client", 500, spool)
        with refused, pytest.raises(SpoolFull, match=rf"\(spool_dir\): {os.strerror(number)}") as refusal:
            await add(refused, Upload(refused, 900, spool=spool), b"two")
    assert (refusal.value.limit.name, refusal.value.reason) == ("spool_bytes", "spool_full")
    assert refusal.value.retry_seconds
    assert len(caplog.records) == 1, "what fails for each file is told once"
    monkeypatch.setattr(StoredFile, "append", append)
    await add(held, upload, b"three")
    assert upload.hand_over()[0][:8] == b"onethree"


async def test_a_process_without_descriptors_says_so(spool, monkeypatch):
    _, held, upload = uploading(spool)

    def fail(*_):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("edgeocr.server.memory.spool._nameless", fail)
    with pytest.raises(OutOfMemory):
        await add(held, upload, b"one")


async def test_the_disk_is_shared_among_callers_and_has_an_end(spool):
    budget = Budget(10_000, spool_bytes=1000)
    mine = coming(budget, "me", 500, spool)
    assert mine.grow(500)
    mine.settle()
    assert budget.try_reserve(Use.SPOOLED, 100, "me") is None, "a caller has half"
    yours = coming(budget, "you", 300, spool)
    assert yours.grow(300)
    with pytest.raises(SpoolFull, match="1000 bytes \\(spool_bytes\\), of which one caller has half"):
        await coming(budget, "me", 100, spool).grow_within(100, 0.01)
    assert budget.used_bytes()[Use.SPOOLED] == 800


def test_a_file_beyond_what_the_disk_takes_is_refused_before_it_comes(spool):
    _, _, upload = uploading(spool, most_bytes=10_000)
    upload.expect(875)
    with pytest.raises(TooLarge, match=r"the limit is 875 \(file_bytes\); raise it, or .* \(spool_bytes\)"):
        upload.expect(876)


def test_a_file_of_unannounced_size_is_refused_with_how_it_may_be_larger(spool):
    budget = Budget(10_000, spool_bytes=10_000)
    with pytest.raises(TooLarge, match=r"\(Content-Length\)"):
        Upload(coming(budget, "client"), 10_000, spool=spool).expect(5000)


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("/dev/shm", r"it is in memory \(tmpfs\)"),  # noqa: S108
        ("/nowhere", "No such file or directory"),
        ("/proc", "No such file or directory|Permission denied|Not supported"),
    ],
)
def test_a_folder_that_is_of_no_use_is_not_used(caplog, folder, words):
    assert open_spool(Path(folder), 100 * MIB, MIB) is None
    (record,) = caplog.records
    assert folder in record.getMessage()
    assert re.search(words, record.getMessage())


@pytest.mark.parametrize(("free", "most"), [(1000, 100), (150, 75), (30, None)])
def test_half_of_what_is_free_is_left_to_others(tmp_path, monkeypatch, caplog, free, most):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": free * MIB}))
    spool = open_spool(tmp_path, 100 * MIB, 8 * MIB)
    assert (spool and spool.most_bytes) == (most and most * MIB)
    if spool is None:
        assert "has room for" in caplog.text
        return
    spool.close()
