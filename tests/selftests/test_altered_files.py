"""What the check of altered files sends: always the same, of every format, and seldom what it began with."""

from collections import Counter

from edgeocr.model.files.headers.header import read_header
from edgeocr.model.files.headers.values import BadHeader, UnreadKind
from tests.checks.fuzz.mutated import files, seeds


def kind(data):
    try:
        header = read_header(data)
    except (BadHeader, UnreadKind):
        return "damaged"
    return "application/pdf" if header is None and b"%PDF" in data[:1024] else header and header.media_type


def test_files_are_those_of_their_seed_alone():
    assert list(files(60, 1)) == list(files(60, 1)) != list(files(60, 2))


def test_they_are_altered_files_of_every_format():
    whole, kinds = seeds(), Counter(kind(data) for data in files(400, 1))
    assert not {None, "damaged"} & {kind(data) for data in whole}
    asked = {"image/jpeg", "image/webp", "image/tiff", "image/jp2", "image/avif", "image/heic", "image/gif"}
    assert asked | {"application/pdf", "damaged"} <= set(kinds)
    assert sum(data in whole for data in files(400, 1)) < 20
