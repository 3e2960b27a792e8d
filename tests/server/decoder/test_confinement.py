import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import edgeocr
from tests.support.pdfs import PdfPageSpec, pdf

_PROBE = """
import ctypes, json, os, socket, sys
from edgeocr.server.decoder.confinement import confine
landlock = ctypes.CDLL(None).syscall(444, None, 0, 1)
confine("probe")
def tries(what):
    try:
        what()
    except Exception as error:
        return type(error).__name__
    return "done"
print(json.dumps({
    "landlock": landlock > 0,
    "read": tries(lambda: open("/etc/hostname").read()),
    "write": tries(lambda: open("/tmp/of-a-decoder", "w").write("x")),
    "run": tries(lambda: os.execv("/bin/true", ["true"])),
    "memory file": tries(lambda: os.write(os.memfd_create("x"), b"x")),
    "descriptors": tries(lambda: [os.dup(0) for _ in range(100)]),
}))
"""


def test_a_confined_process_reaches_nothing_but_what_it_was_given():
    root = str(Path(edgeocr.__file__).parents[1])
    run = subprocess.run(
        [sys.executable, "-c", _PROBE],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        check=True,
        text=True,
    )
    found = json.loads(run.stdout)
    assert found["memory file"] == "OSError"
    assert found["descriptors"] == "OSError"
    if found["landlock"]:
        assert (found["read"], found["write"], found["run"]) == ("PermissionError",) * 3


_SEALED = """
import ctypes, sys
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):
    sys.exit("PR_SET_MDWE")
from edgeocr.model.files.opening.requests import DrawPage
from edgeocr.server.decoder.process import DecoderProcess
process = DecoderProcess(512 << 20)
process.ask(DrawPage(0, 400, 200), sys.stdin.buffer.read(), (), 48 << 20, 20.0)
assert process.wait(60)
print(len(set(process.answer().pixels.tobytes())))
process.end()
"""


@pytest.mark.slow
def test_pdfs_are_drawn_where_no_memory_may_be_written_and_run():
    root = str(Path(edgeocr.__file__).parents[1])
    run = subprocess.run(
        [sys.executable, "-c", _SEALED],
        input=pdf([PdfPageSpec([("Sealed", 40, 90)])]),
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        check=False,
    )
    if run.stderr.strip() == b"PR_SET_MDWE":
        pytest.skip("the kernel lacks PR_SET_MDWE")
    # The page is not blank.
    assert int(run.stdout or b"0") > 2, run.stderr.decode()
