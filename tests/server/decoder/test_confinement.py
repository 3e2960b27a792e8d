import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import edgeocr
from edgeocr.server.decoder import system_calls
from tests.support.files.pdfs import PdfPageSpec, pdf

_PROBE = """
import _thread, ctypes, json, mmap, os, signal, socket
from edgeocr.server.decoder.confinement import confine, lacking
given, other = socket.socketpair()
missing, parent = lacking(), os.getppid()
confine("probe")
def tries(what):
    try:
        what()
    except Exception as error:
        return type(error).__name__
    return "done"
def forks():
    # Waiting for it is refused as well, and would hide that it was made.
    if not os.fork():
        os._exit(0)
def raises():
    raise OSError("-1")
libc = ctypes.CDLL(None)
def ends_a_thread():
    thread = ctypes.c_size_t()
    libc.pthread_create(ctypes.byref(thread), None, ctypes.cast(libc.pthread_exit, ctypes.c_void_p), None)
    if libc.pthread_join(thread, None):
        raises()
print(json.dumps({
    "lacking": missing,
    "read": tries(lambda: open("/etc/hostname").read()),
    "write": tries(lambda: open("/tmp/of-a-decoder", "w").write("x")),
    "run": tries(lambda: os.execv("/bin/true", ["true"])),
    "memory file": tries(lambda: os.write(os.memfd_create("x"), b"x")),
    "descriptors": tries(lambda: [os.dup(0) for _ in range(100)]),
    "connect": tries(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM)),
    "local socket": tries(lambda: socket.socket(socket.AF_UNIX)),
    "fork": tries(forks),
    "signal": tries(lambda: os.kill(parent, 0)),
    "trace": tries(lambda: libc.ptrace(0, 0, 0, 0) and raises()),
    "code": tries(lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)),
    "code later": tries(lambda: libc.mprotect(ctypes.c_void_p(id(libc) & -4096), 4096, 7) and raises()),
    "limits of another": tries(lambda: libc.prlimit(parent, 7, None, ctypes.create_string_buffer(16)) and raises()),
    "thread": tries(lambda: _thread.start_new_thread(lambda: None, ())),
    "thread that ends": tries(ends_a_thread),
    "its own socket": tries(lambda: given.send(b"x")),
    "its own memory": tries(lambda: mmap.mmap(-1, 1 << 20)),
}))
"""


def probe(**options):
    root = str(Path(edgeocr.__file__).parents[1])
    run = subprocess.run(
        [sys.executable, "-c", _PROBE],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        check=True,
        text=True,
        **options,
    )
    return json.loads(run.stdout)


def test_a_confined_process_reaches_nothing_but_what_it_was_given():
    found = probe()
    if "Landlock" not in found["lacking"]:
        assert (found["read"], found["write"], found["run"]) == ("PermissionError",) * 3
    assert found["descriptors"] == "OSError"
    if found["lacking"]:
        assert found["memory file"] == "OSError"
        return
    refused = ("memory file", "connect", "local socket", "fork", "signal", "trace", "code", "code later")
    assert {name: found[name] for name in refused} == {
        name: "OSError" if name in ("trace", "code later") else "PermissionError" for name in refused
    }
    assert found["limits of another"] == "OSError"
    assert {found[name] for name in ("thread", "thread that ends", "its own socket", "its own memory")} == {"done"}


@pytest.mark.parametrize(("machine", "last"), [("x86_64", 302), ("aarch64", 261)])
def test_a_filter_is_there_for_both_processors_and_fits_the_kernel(machine, last):
    column, processor, _ = system_calls._PROCESSORS[machine]
    program = [struct.unpack("=HBBI", one) for one in system_calls._program(column, processor)]
    assert len(program) <= 4096
    assert program[1] == (0x15, 1, 0, processor)
    assert any(code == 0x15 and value == last for code, _, _, value in program)
    # No jump leads beyond the end, and what nothing fits is refused.
    assert all(place + 1 + max(jumps) < len(program) for place, (code, *jumps, _) in enumerate(program) if code == 0x15)
    assert program[-1] == (0x06, 0, 0, 0x00050001)


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
