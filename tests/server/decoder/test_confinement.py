import json
import os
import subprocess
import sys
from pathlib import Path

import edgeocr

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
