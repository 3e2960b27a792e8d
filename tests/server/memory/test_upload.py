import pytest

from edgeocr.model.errors import TooLarge
from edgeocr.server.errors import MemoryFull
from edgeocr.server.memory import upload as uploads
from edgeocr.server.memory.budget import Budget, Use
from edgeocr.server.memory.upload import Room, Upload, UploadTimeout


def uploading(most_bytes=100, total_bytes=10_000):
    budget = Budget(total_bytes)
    return budget, Upload(budget, most_bytes, lambda: 0.5)


def test_chunks_are_reckoned_with_as_they_come_until_the_file_is_whole():
    budget, upload = uploading()
    held = []
    for chunk in (b"one", b"", b"three"):
        upload.add(chunk)
        held.append(budget.used_bytes()[Use.WAITING])
    assert held == [3, 3, 8]
    assert upload.whole() == b"onethree"
    assert budget.used_bytes() == dict.fromkeys(Use, 0)


def test_a_file_beyond_the_limit_is_refused_and_holds_nothing():
    budget, upload = uploading(most_bytes=5)
    upload.add(b"12345")
    with pytest.raises(TooLarge, match=r"6 bytes and more, the limit is 5 \(file_bytes\)") as refusal:
        upload.add(b"6")
    assert (refusal.value.limit.name, refusal.value.retry_seconds) == ("file_bytes", None)
    assert budget.used_bytes() == dict.fromkeys(Use, 0)


def test_a_file_without_room_is_refused_with_a_time_to_come_again():
    budget, upload = uploading(most_bytes=5000)
    other = Upload(budget, 5000, lambda: 0.5)
    for _ in range(3):
        other.add(bytes(300))
    with pytest.raises(MemoryFull) as refusal:
        upload.add(bytes(500))
    assert refusal.value.retry_seconds == 0.5
    assert budget.used_bytes()[Use.WAITING] == 900
    other.drop()
    other.drop()
    assert budget.used_bytes() == dict.fromkeys(Use, 0)


def test_a_file_that_no_longer_has_room_even_alone_is_too_large_and_not_to_come_again():
    budget, upload = uploading(most_bytes=10_000)
    with pytest.raises(TooLarge, match=rf"the limit is {budget.most_file_bytes} \(file_bytes\)"):
        upload.add(bytes(budget.most_file_bytes + 1))


def test_a_file_that_will_be_too_large_is_refused_before_it_comes():
    budget, upload = uploading(most_bytes=5)
    upload.expect(5)
    with pytest.raises(TooLarge, match=r"6 bytes, the limit is 5 \(file_bytes\)"):
        upload.expect(6)
    assert budget.used_bytes()[Use.WAITING] == 0


def test_chunks_go_into_the_room_that_was_kept_for_them_and_what_is_left_of_it_is_given_back():
    budget, upload = uploading()
    assert budget.take(Use.WAITING, 10)
    room = Room(budget, 10)
    upload.add(b"12345678", room)
    assert budget.used_bytes()[Use.WAITING] == 10
    upload.add(b"9abc", room)
    assert budget.used_bytes()[Use.WAITING] == 12
    room.close()
    assert upload.whole() == b"123456789abc"
    assert budget.used_bytes()[Use.WAITING] == 0


def test_room_that_was_not_used_is_given_back_once():
    budget, _ = uploading()
    assert budget.take(Use.WAITING, 10)
    room = Room(budget, 10)
    room.close()
    room.close()
    assert budget.used_bytes()[Use.WAITING] == 0


def test_many_small_chunks_and_large_ones_keep_their_order():
    _, upload = uploading(most_bytes=1_000_000, total_bytes=100_000_000)
    chunks = [bytes([number % 251]) * (70_000 if number % 10 == 5 else 7) for number in range(60)]
    for chunk in chunks:
        upload.add(chunk)
    assert upload.whole() == b"".join(chunks)


def test_a_sender_is_waited_for_so_long_for_a_part_and_so_long_for_all_of_them(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(uploads.time, "monotonic", lambda: now[0])
    patience = UploadTimeout(70)

    def wait(seconds):
        most_seconds = patience.begin()
        now[0] += seconds
        patience.end()
        return most_seconds

    assert wait(25) == 30
    assert "chunk_seconds" in patience.complaint()
    now[0] += 1000
    assert wait(25) == 30
    assert wait(15) == 20
    assert "70 s of waiting for it (upload_seconds)" in patience.complaint()
    assert wait(10) == 5
    assert patience.begin() == 0
    patience.end()
    patience.renew()
    assert patience.begin() == 30
