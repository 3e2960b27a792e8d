import json

import pyarrow.parquet as pq
import pytest

from edgeocr.model.errors import InvalidInput
from edgeocr.model.options import Mode, ReadOptions
from edgeocr.server.bulk.errors import BulkError
from edgeocr.server.bulk.job import prepare
from edgeocr.server.bulk.parquet import Parts, error_row
from edgeocr.server.bulk.worker import Work, Worker, parts
from tests.support.files import hostile
from tests.support.files.pdfs import PdfPageSpec, pdf


def _read(archive, tmp_path, names):
    work = Work(str(tmp_path / "out"))
    prepare([str(archive)], [], work)
    return Worker(work).read([str(archive / name) for name in names])


def _rows(tmp_path):
    return pq.read_table(tmp_path / "out").to_pylist()


def test_files_become_rows_in_their_order(archive, tmp_path):
    done = _read(archive, tmp_path, ["deep/deeper/b.JPG", "a.png"])

    first, second = _rows(tmp_path)
    assert [(file.path, file.pages, file.code) for file in done] == [
        (first["path"], 1, None),
        (second["path"], 1, None),
    ]
    assert (first["text"], second["text"]) == ("Other page另页", "First page\nsecond line")
    assert (second["width"], second["height"], second["page"], second["error"]) == (800, 600, 0, None)
    line = second["lines"][0]
    assert line["reader"] in {"fast", "accurate"}
    assert line["text"] == "First page"
    assert 0.5 < line["confidence"] <= 1
    left, top = line["polygon"][:2]
    assert 40 < left < 80
    assert 50 < top < 90


def test_a_bad_file_is_reported_and_ends_nothing(archive, tmp_path):
    done = _read(archive, tmp_path, ["damaged.png", "not there.png", "a.png"])

    assert [(file.pages, file.code) for file in done] == [(0, "INVALID_ARGUMENT"), (0, "INVALID_ARGUMENT"), (1, None)]
    assert [bool(row["error"]) for row in _rows(tmp_path)] == [True, True, False]
    assert "not there.png" in (done[1].error or "")


def test_a_file_that_takes_too_much_ends_nothing_but_the_process_that_opens_it(archive, tmp_path, monkeypatch):
    monkeypatch.setattr("edgeocr.server.bulk.worker._DECODER_BYTES", 64 << 20)
    (archive / "bomb.pdf").write_bytes(hostile.twice_deflated_pdf())
    (archive / "book.pdf").write_bytes(pdf([PdfPageSpec([("Page one", 40, 120)])]))

    done = _read(archive, tmp_path, ["bomb.pdf", "book.pdf", "a.png"])

    assert [file.pages for file in done] == [0, 1, 1]
    assert done[0].code == "RESOURCE_EXHAUSTED"


def test_what_is_in_a_part_is_not_read_again(archive, tmp_path):
    _read(archive, tmp_path, ["a.png", "damaged.png"])

    job = prepare([str(archive)], [], Work(str(tmp_path / "out")))

    assert (job.files, job.left) == (3, [str(archive / "deep/deeper/b.JPG")])


def test_a_part_that_was_not_finished_counts_for_nothing(archive, tmp_path):
    _read(archive, tmp_path, ["a.png"])
    (part,) = (tmp_path / "out").glob("part-*")
    part.rename(part.with_name(f".{part.name}"))

    assert len(prepare([str(archive)], [], Work(str(tmp_path / "out"))).left) == 3


def test_an_output_that_was_begun_otherwise_is_refused(archive, tmp_path):
    out = str(tmp_path / "out")
    prepare([str(archive)], [], Work(out))

    with pytest.raises(BulkError, match=r'"mode": "page".*"mode": "line"'):
        prepare([str(archive)], [], Work(out, ReadOptions(mode=Mode.LINE)))
    assert json.loads((tmp_path / "out/_settings.json").read_text())["mode"] == "page"


def test_an_output_that_cannot_be_made_is_refused(archive, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(BulkError, match="file/out"):
        prepare([str(archive)], [], Work(str(tmp_path / "file/out")))


def test_parts_of_one_folder_do_not_meet(tmp_path):
    parts = Parts(str(tmp_path))
    for name in ("a", "b"):
        parts.write([error_row(name, InvalidInput("bad"))])

    assert parts.done() == {"a", "b"}


@pytest.mark.parametrize("count", [0, 1, 3, 16, 1000])
def test_parts_are_all_files_in_their_order(count):
    paths = [str(number) for number in range(count)]
    found = list(parts(paths, workers=4, part_files=16))
    assert [path for part in found for path in part] == paths
    assert all(1 <= len(part) <= 16 for part in found)


def test_parts_are_smaller_towards_the_end_so_that_nobody_is_left_with_the_last():
    sizes = [len(part) for part in parts(["a file"] * 1000, workers=4, part_files=16)]
    assert sizes[:50] == [16] * 50
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-8:] == [1] * 8


def test_a_few_large_files_are_for_all_workers():
    assert [len(part) for part in parts(["a book"] * 4, workers=4, part_files=16)] == [1] * 4
