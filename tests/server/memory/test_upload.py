import pytest

from edgeocr.model.errors import TooLarge
from edgeocr.server.memory import upload as uploads
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use
from edgeocr.server.memory.upload import Upload, UploadTimeout, coming


def uploading(most_bytes=100, total_bytes=10_000):
    budget = Budget(total_bytes)
    held = coming(budget, "client")
    return budget, held, Upload(held, most_bytes)


def add(held, upload, chunk):
    assert held.grow(len(chunk))
    upload.add(chunk)


def test_parts_are_accounted_for_as_they_come_and_handed_over_without_a_moment_in_between():
    budget, held, upload = uploading()
    for chunk, size_bytes in ((b"one", 3), (b"", 3), (b"three", 8)):
        add(held, upload, chunk)
        assert budget.used_bytes()[Use.WAITING] == size_bytes
    lowest = []
    budget.on_release(lambda: lowest.append(budget.used_bytes()[Use.WAITING]))
    data, kept = upload.hand_over()
    held.release()
    assert data == b"onethree"
    assert kept.size_bytes == 8 == min(lowest)
    kept.release()
    assert budget.used_bytes() == dict.fromkeys(Use, 0)


def test_a_file_beyond_the_limit_is_refused_and_holds_nothing():
    budget, held, upload = uploading(most_bytes=5)
    add(held, upload, b"12345")
    with pytest.raises(TooLarge, match=r"more than 6 bytes, the limit is 5 \(file_bytes\)") as refusal:
        add(held, upload, b"6")
    assert (refusal.value.limit.name, refusal.value.retry_seconds) == ("file_bytes", None)
    assert budget.used_bytes() == dict.fromkeys(Use, 0)


def test_a_file_that_no_longer_has_room_even_alone_is_too_large_and_not_to_come_again():
    budget, _, upload = uploading(most_bytes=10_000)
    with pytest.raises(TooLarge, match=rf"the limit is {budget.most_file_bytes()} \(file_bytes\)"):
        upload.add(bytes(budget.most_file_bytes() + 1))


def test_a_file_that_will_be_too_large_is_refused_before_it_comes():
    budget, _, upload = uploading(most_bytes=5)
    upload.expect(5)
    with pytest.raises(TooLarge, match=r"6 bytes, the limit is 5 \(file_bytes\)"):
        upload.expect(6)
    assert budget.used_bytes()[Use.WAITING] == 0


def test_files_that_come_together_let_go_of_their_own_bytes_only():
    budget, held, first = uploading()
    second = Upload(held, 100)
    add(held, first, b"12345")
    add(held, second, b"678")
    first.drop()
    first.drop()
    assert budget.used_bytes()[Use.WAITING] == 3
    held.release()
    assert budget.used_bytes()[Use.WAITING] == 0


def test_what_is_announced_holds_nothing_before_it_comes():
    budget = Budget(10_000)
    coming(budget, "client", 800)
    assert budget.used_bytes()[Use.WAITING] == 0


def test_many_small_chunks_and_large_ones_keep_their_order():
    _, held, upload = uploading(most_bytes=1_000_000, total_bytes=100_000_000)
    chunks = [bytes([number % 251]) * (70_000 if number % 10 == 5 else 7) for number in range(60)]
    for chunk in chunks:
        add(held, upload, chunk)
    assert upload.hand_over()[0] == b"".join(chunks)


@pytest.fixture
def wait(monkeypatch):
    """Lets time pass while a sender is waited for; returns how long it was to be waited for."""
    now = [0.0]
    monkeypatch.setattr(uploads.time, "monotonic", lambda: now[0])

    def waited(timeout, seconds, size_bytes=0):
        most_seconds = timeout.begin()
        now[0] += seconds
        timeout.end(size_bytes)
        return most_seconds

    return waited


def test_a_sender_who_keeps_the_least_rate_is_waited_for_until_all_of_the_time_is_over(wait):
    timeout, rate = UploadTimeout(70), uploads.LEAST_BYTES_A_SECOND
    assert wait(timeout, 25, 25 * rate) == 30
    assert wait(timeout, 25, 25 * rate) == 30
    assert wait(timeout, 15, 15 * rate) == 20
    assert wait(timeout, 5, 5 * rate) == 5
    assert timeout.begin() == 0
    assert "70 s of waiting for it (upload_seconds)" in timeout.complaint()
    timeout.end()
    timeout.renew()
    assert timeout.begin() == 30


def test_a_sender_of_a_byte_now_and_then_is_not_waited_for_whatever_it_sent_before(wait):
    timeout = UploadTimeout(300)
    wait(timeout, 1, 100 * uploads.LEAST_BYTES_A_SECOND)
    assert wait(timeout, 20, 1) == 30
    assert wait(timeout, 9, 1) == pytest.approx(10, abs=0.01)
    assert timeout.begin() == pytest.approx(1, abs=0.01)
    assert "chunk_seconds" in timeout.complaint()


def test_a_refusal_says_which_budget_takes_the_file():
    _, _held, upload = uploading(most_bytes=1 << 40, total_bytes=300 << 20)
    with pytest.raises(TooLarge, match=r"\(file_bytes\); it needs a memory budget of about 578MiB \(memory_budget\)"):
        upload.expect(60 << 20)
