"""The sandbox that a decoder process enters before it opens a file, so that a malicious file can harm nothing else.

Resource limits apply everywhere. Landlock (landlock(7), Linux 5.13 and later) denies the file system, except fonts that
PDF files may name; a seccomp filter denies all system calls that opening files does not need. The process runs without
either if the kernel lacks it.
"""

import codecs
import contextlib
import ctypes
import os
import resource
import struct
from pathlib import Path

from edgeocr.server.decoder import system_calls

_PR_SET_NO_NEW_PRIVS, _PR_SET_PDEATHSIG, _PR_SET_NAME = 38, 1, 15
_SIGKILL = 9
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""System call numbers, which are the same on all architectures."""
_VERSION_ONLY, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_FILE_ACCESS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All file access rights by Landlock version."""
_NETWORK_SINCE, _NETWORK_ACCESS = 4, 0b11
_FONTS = ("/usr/share/fonts", "/usr/share/X11/fonts/Type1", "/usr/share/X11/fonts/TTF", "/usr/local/share/fonts")
"""Folders in which PDFium looks for fonts."""
_CODECS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "ascii")
"""Modules that Python would import on first use."""
_UNWINDER = "libgcc_s.so.1"
"""glibc loads it when a thread first calls pthread_exit(3), and aborts the process if it cannot."""
_MOST_DESCRIPTORS = 24
_STACK_BYTES, _MOST_ATTRIBUTES_BYTES = 1 << 20, 128
"""Stack size of a decoder's threads; the default of 8 MiB would count as memory, used or not."""


def lacking() -> list[str]:
    """The parts of the sandbox that this machine lacks."""
    offered = {"a filter of system calls": system_calls.is_offered(), "Landlock": landlock_version() > 0}
    return [name for name, is_there in offered.items() if not is_there]


def landlock_version() -> int:
    """Of the kernel's Landlock; less than one where there is none."""
    return int(_libc().syscall(_CREATE_RULESET, None, 0, _VERSION_ONLY))


def confine(name: str) -> None:
    """Drops privileges, core dumps, access to files and network, and the creation of processes; the process ends with
    its parent."""
    for codec in _CODECS:
        codecs.lookup(codec)
    with contextlib.suppress(OSError):
        ctypes.CDLL(_UNWINDER)
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
        # Without the filter, a limit of zero on processes has to do, which covers threads too.
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
