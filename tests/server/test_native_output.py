import json
import logging
import subprocess
import sys

import pytest

from edgeocr.server.observing.native_output import log_line

PROGRAM = """
import logging, os, sys
from edgeocr.server.observing import logs
logs.configure("info", "json")
logging.getLogger("own").info("first")
os.write(2, b"E0000 00:00:1781234567.123456  77 tls.cc:12] Handshake failed\\nplain \\xff text\\n\\n")
print("printed", file=sys.stderr)
raise SystemExit("the end")
"""


@pytest.mark.parametrize(
    ("line", "level", "text"),
    [
        ("I0000 00:00:1781234567.123456  77 src/tls.cc:12] it failed", logging.INFO, "it failed (src/tls.cc:12)"),
        ("F0101 10:20:30.5 1 a.cc:1] gone", logging.CRITICAL, "gone (a.cc:1)"),
        ("[W:onnxruntime] 100 % of something", logging.WARNING, "[W:onnxruntime] 100 % of something"),
    ],
)
def test_a_line_of_native_code_has_its_own_level(caplog, line, level, text):
    caplog.set_level(logging.INFO)
    log_line(line)
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (level, text)


def test_an_empty_line_is_none(caplog):
    log_line("")
    assert not caplog.records


def test_all_of_standard_error_is_json_up_to_the_end():
    done = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM], stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    rows = done.stderr.decode().splitlines()
    assert rows.pop() == "the end" or all("the end" not in row for row in rows)
    found = {row["message"]: row["level"] for row in map(json.loads, rows)}
    assert found["first"] == "INFO"
    assert found["Handshake failed (tls.cc:12)"] == "ERROR"
    assert found["plain \\xff text"] == found["printed"] == "WARNING"
