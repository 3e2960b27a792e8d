"""What a decoder process takes from itself before it opens a file, so that nothing in a file can do more than waste it.

The kernel's limits hold everywhere. Landlock (landlock(7), Linux 5.13 and later) takes the file system away as well,
but for the fonts that PDF files may name, and a filter all system calls that opening files does not take; where either
is not there, the process goes without.
"""

import codecs
import ctypes
import os
import resource
import struct
from pathlib import Path

from edgeocr.server.decoder import system_calls

_PR_SET_NO_NEW_PRIVS, _PR_SET_PDEATHSIG, _PR_SET_NAME = 38, 1, 15
_SIGKILL = 9
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""System calls, with the same numbers on all processors."""
_VERSION_ONLY, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_FILE_ACCESS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All rights over files that a version of Landlock knows."""
_NETWORK_SINCE, _NETWORK_ACCESS = 4, 0b11
_FONTS = ("/usr/share/fonts", "/usr/share/X11/fonts/Type1", "/usr/share/X11/fonts/TTF", "/usr/local/share/fonts")
"""Where PDFium looks for them."""
_CODECS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "ascii")
"""What Python loads when they are first used."""
_MOST_DESCRIPTORS = 24
_STACK_BYTES, _MOST_ATTRIBUTES_BYTES = 1 << 20, 128
"""Of a decoder's thread; the eight of the C library's default count as memory, used or not."""


def lacking() -> list[str]:
    """What this machine does not offer of what decoder processes go into."""
    offered = {"a filter of system calls": system_calls.is_offered(), "Landlock": landlock_version() > 0}
    return [name for name, is_there in offered.items() if not is_there]


def landlock_version() -> int:
    """Of the kernel's Landlock; less than one where there is none."""
    return int(_libc().syscall(_CREATE_RULESET, None, 0, _VERSION_ONLY))


def confine(name: str) -> None:
    """Gives up privileges, core dumps, files, the network and processes of its own; ends together with its parent."""
    for codec in _CODECS:
        codecs.lookup(codec)
    libc = _libc()
    _make_stacks_small(libc)
    libc.prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _MOST_DESCRIPTORS),
    ):
        resource.setrlimit(kind, (most, most))
    _give_up_files(libc)
    if not system_calls.restrict():
        # Without the filter, threads are taken for processes, of which there are to be none.
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _make_stacks_small(libc: ctypes.CDLL) -> None:
    set_default = getattr(libc, "pthread_setattr_default_np", None)
    if set_default is None:
        return
    attributes = ctypes.create_string_buffer(_MOST_ATTRIBUTES_BYTES)
    libc.pthread_attr_init(attributes)
    libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(_STACK_BYTES))
    set_default(attributes)


def _give_up_files(libc: ctypes.CDLL) -> None:
    version = landlock_version()
    if version < 1:
        return
    files = _FILE_ACCESS[min(version, max(_FILE_ACCESS))]
    network = _NETWORK_ACCESS if version >= _NETWORK_SINCE else 0
    rights = struct.pack("=QQ", files, network) if network else struct.pack("=Q", files)
    ruleset = libc.syscall(_CREATE_RULESET, rights, len(rights), 0)
    if ruleset < 0:
        return
    try:
        for folder in filter(Path.is_dir, map(Path, _FONTS)):
            descriptor = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            try:
                rule = struct.pack("=Qi", _READ_FILE | _READ_FOLDER, descriptor)
                libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
            finally:
                os.close(descriptor)
        libc.syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
