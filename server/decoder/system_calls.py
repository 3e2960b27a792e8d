"""A system call filter (seccomp(2)), which allows the calls that opening files needs.

No maintained Python package bundles libseccomp, so the filter is assembled here, from about ten kinds of conditions and
a table of numbers. Other calls fail with EPERM and do not kill the process.
"""

import ctypes
import errno
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_SET_MODE_FILTER, _GET_ACTION_AVAILABLE = 1, 2
_LOAD, _AND, _EQUAL, _RETURN = 0x20, 0x54, 0x15, 0x06
"""Classic BPF: load a word of the call, mask it, compare, and return the action."""
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_NUMBER, _PROCESSOR, _ARGUMENTS, _ARGUMENT_BYTES = 0, 4, 16, 8
"""Offsets of words in struct seccomp_data."""
_PROCESSORS = {"x86_64": (0, 0xC000003E, 317), "aarch64": (1, 0xC00000B7, 277)}
"""Columns of the tables below, the kernel's names of architectures, and seccomp's numbers for them."""
_ALLOWED: tuple[tuple[int, int], ...] = (
    # Open descriptors: the file, the socket, shared memory. read, pread64, readv, write, writev
    *((0, 63), (17, 67), (19, 65), (1, 64), (20, 66)),
    # lseek, close, dup, fstat, poll
    *((8, 62), (3, 57), (32, 23), (5, 80), (7, 73)),
    # recvfrom, recvmsg, sendto, sendmsg
    *((45, 207), (47, 212), (44, 206), (46, 211)),
    # Memory; mmap and mprotect are below. munmap, mremap, madvise, brk
    *((11, 215), (25, 216), (28, 233), (12, 214)),
    # Fonts, if Landlock allows them. stat, lstat, newfstatat, statx, getdents64, faccessat
    *((4, 79), (6, 79), (262, 79), (332, 291), (217, 61), (269, 48)),
    # Threads, time, and properties of the machine. futex, sched_yield, sched_getaffinity, sysinfo
    *((202, 98), (24, 124), (204, 123), (99, 179)),
    # set_robust_list, rseq, gettid, getpid
    *((273, 99), (334, 293), (186, 178), (39, 172)),
    # clock_gettime, clock_getres, clock_nanosleep
    *((228, 113), (229, 114), (230, 115)),
    # nanosleep, gettimeofday, getrandom, restart
    *((35, 101), (96, 169), (318, 278), (219, 128)),
    # Limits, signals and exit. getrusage, getrlimit, setrlimit
    *((98, 165), (97, 163), (160, 164)),
    # rt_sigaction, rt_sigprocmask, rt_sigreturn, sigaltstack
    *((13, 134), (14, 135), (15, 139), (131, 132)),
    # exit, exit_group
    *((60, 93), (231, 94)),
)
"""Numbers on both architectures."""
_PROT_EXEC, _NEW_THREAD, _NOT_FOR_READING = 4, 0x10100, 0o1103
"""Executable memory; threads that share memory; flags for creating, changing or writing files."""


@dataclass(frozen=True, slots=True)
class _Condition:
    """A call that is allowed if a masked argument has one of some values."""

    numbers: tuple[int, int]
    argument: int
    mask: int
    values: tuple[int, ...]


def _conditions() -> list[_Condition]:
    every = 0xFFFFFFFF
    return [
        _Condition((9, 222), 2, _PROT_EXEC, (0,)),
        _Condition((10, 226), 2, _PROT_EXEC, (0,)),
        _Condition((56, 220), 0, _NEW_THREAD, (_NEW_THREAD,)),
        _Condition((257, 56), 2, _NOT_FOR_READING, (0,)),
        # Duplicating and querying descriptors.
        _Condition((72, 25), 1, every, (0, 1, 2, 3, 1030)),
        _Condition((302, 261), 0, every, (0,)),
        # The process may signal itself, as abort() does for lack of memory.
        _Condition((234, 131), 0, every, (os.getpid(),)),
    ]


_CLONE3 = 435
"""Its flags are in memory, which filters cannot inspect: the C library receives ENOSYS and falls back to the older
call."""


def is_offered() -> bool:
    """Whether the kernel and the container permit such filters."""
    if (found := _PROCESSORS.get(os.uname().machine)) is None:
        return False
    action = ctypes.c_uint32(_FAIL)
    return bool(_libc().syscall(found[2], _GET_ACTION_AVAILABLE, 0, ctypes.byref(action)) == 0)


def restrict() -> bool:
    """Installs the filter for this thread and its descendants, if available; returns whether it is active.

    Requires no_new_privs, and that there are no other threads.
    """
    if not is_offered():
        return False
    column, processor, seccomp = _PROCESSORS[os.uname().machine]
    code = b"".join(_program(column, processor))
    instructions = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(code) // 8, ctypes.addressof(instructions))
    return bool(_libc().syscall(seccomp, _SET_MODE_FILTER, 0, program) == 0)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _program(column: int, processor: int) -> Iterator[bytes]:
    allow, refuse = _step(_RETURN, _ALLOW), _step(_RETURN, _FAIL | errno.EPERM)
    yield _step(_LOAD, _PROCESSOR)
    yield _step(_EQUAL, processor, 1, 0)
    yield refuse
    yield _step(_LOAD, _NUMBER)
    for numbers in _ALLOWED:
        yield _step(_EQUAL, numbers[column], 0, 1)
        yield allow
    yield _step(_EQUAL, _CLONE3, 0, 1)
    yield _step(_RETURN, _FAIL | errno.ENOSYS)
    for condition in _conditions():
        checked = [
            _step(_LOAD, _ARGUMENTS + _ARGUMENT_BYTES * condition.argument),
            _step(_AND, condition.mask),
            *(one for value in condition.values for one in (_step(_EQUAL, value, 0, 1), allow)),
            refuse,
        ]
        yield _step(_EQUAL, condition.numbers[column], 0, len(checked))
        yield from checked
    yield refuse


def _step(code: int, value: int, jump_true: int = 0, jump_false: int = 0) -> bytes:
    """An instruction: its code, the jump offsets if a comparison is true or false, and a value."""
    return struct.pack("=HBBI", code, jump_true, jump_false, value)
