"""Dates of certificates, beside those that were asked for."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from edgeocr.server.access.certificates import watch_certificates
from edgeocr.server.access.validity import Validity, validity
from tests.support.certificates import Files

NOW = datetime.now(UTC).replace(microsecond=0)


def issued(tmp_path, begin=NOW - timedelta(days=1), end=NOW + timedelta(days=1)):
    files = Files(tmp_path / "server.pem", tmp_path / "server.key")
    files.write(trustme.CA().issue_cert("localhost", not_before=begin, not_after=end))
    return files


@pytest.mark.parametrize(
    "end", [datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2090, 1, 2, 3, 4, 5, tzinfo=UTC)]
)
def test_both_ends_are_read_in_both_forms_of_time(tmp_path, end):
    begin = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    chain = issued(tmp_path, begin, end).certificate.read_bytes()
    assert validity(chain) == Validity(begin.timestamp(), end.timestamp())


@pytest.mark.parametrize("size", [0, 1, 5, 40, 90, 150])
def test_what_is_cut_off_or_none_is_an_error(tmp_path, size):
    chain = issued(tmp_path).certificate.read_bytes()
    with pytest.raises(ValueError):
        validity(chain[:size])


@pytest.mark.parametrize(
    ("begin", "end", "words"),
    [(-2, -1, "has expired at"), (1, 2, "is not valid before"), (-1, 1, None)],
)
def test_a_certificate_out_of_date_is_warned_of(tmp_path, caplog, begin, end, words):
    caplog.set_level(logging.WARNING)
    files = issued(tmp_path, NOW + timedelta(days=begin), NOW + timedelta(days=end))
    watched = watch_certificates(files.certificate, files.key, None)
    assert watched.current().validity.end == (NOW + timedelta(days=end)).timestamp()
    assert words in caplog.text if words else not caplog.text


def test_changes_are_counted_by_their_result(tmp_path):
    files = issued(tmp_path)
    watched = watch_certificates(files.certificate, files.key, None)
    files.certificate.write_text("garbage")
    watched.current()
    files.write(trustme.CA().issue_cert("localhost"))
    watched.current()
    assert watched.reloads == {"ok": 1, "error": 1}
