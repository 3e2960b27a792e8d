"""The program `edgeocr`: finds the requested command among the installed ones, and runs it.

Commands are modules named by entry points, so that each comes from the layer that it belongs to. Only the one that
runs is loaded: `edgeocr read` need not wait for the server's libraries.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import EntryPoint, entry_points, version
from typing import Protocol

from edgeocr.client.cli.messages import complain
from edgeocr.client.cli.output import OutputError
from edgeocr.client.errors import UsageError
from edgeocr.extras import MissingExtra, is_own, missing

ENTRY_POINT_GROUP = "edgeocr.commands"

EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141
"""A shell's exit code for a program that SIGPIPE ended."""


class Command(Protocol):
    """The interface of a module that is a command."""

    SUMMARY: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Adds the command's arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Does the work, and returns the exit code."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs `edgeocr` with the given arguments (by default those of the process) and returns its exit code.

    Raises:
        SystemExit: the command's own arguments are wrong (2), or its help was asked for (0).
    """
    name, *rest = (sys.argv[1:] if argv is None else list(argv)) or ["--help"]
    commands = {entry_point.name: entry_point for entry_point in entry_points(group=ENTRY_POINT_GROUP)}
    try:
        if name in ("-h", "--help"):
            print(_help(commands))
            code = 0
        elif name == "--version":
            print(f"edgeocr {version('edgeocr')}")
            code = 0
        elif name in commands:
            code = _run(commands[name], rest)
        else:
            complain(f"unknown command {name!r}; known are {', '.join(sorted(commands))}")
            code = EXIT_USAGE
        # A reader that went away, and a disk that is full, are noticed here, not while the interpreter ends.
        _flush_output()
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return EXIT_BROKEN_PIPE
    except OutputError as error:
        complain(str(error))
        _discard_output()
        return EXIT_FAILURE
    return code


def _flush_output() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError.of("standard output", error) from None


def _run(entry_point: EntryPoint, argv: Sequence[str]) -> int:
    try:
        command = _load(entry_point)
    except MissingExtra as error:
        complain(str(error))
        return EXIT_FAILURE
    except ImportError as error:
        complain(f"the command {entry_point.name!r} cannot be loaded: {error}")
        return EXIT_FAILURE
    parser = argparse.ArgumentParser(prog=f"edgeocr {entry_point.name}", description=command.SUMMARY)
    command.add_arguments(parser)
    try:
        return command.run(parser.parse_args(argv))
    except UsageError as error:
        complain(str(error), parser.prog)
        return EXIT_USAGE


def _help(commands: dict[str, EntryPoint]) -> str:
    width = max(map(len, commands), default=0)
    return "\n".join(
        [
            "usage: edgeocr COMMAND …",
            "",
            "commands:",
            *(f"  {name:{width}}  {_summary(commands[name])}" for name in sorted(commands)),
            "",
            "options:",
            "  -h, --help  show this text; after a command, show its arguments",
            "  --version   show the version",
        ]
    )


def _summary(entry_point: EntryPoint) -> str:
    try:
        return _load(entry_point).SUMMARY
    except ImportError as error:
        return f"(not available: {error})"


def _load(entry_point: EntryPoint) -> Command:
    """Loads a command; raises MissingExtra if the extra that it declares is not installed."""
    try:
        command: Command = entry_point.load()
    except ModuleNotFoundError as error:
        if is_own(error) or not entry_point.extras:
            raise
        raise MissingExtra(missing(entry_point.extras[0], f"edgeocr {entry_point.name}", error)) from None
    return command


def _discard_output() -> None:
    # Otherwise the interpreter would fail at flushing what nobody reads.
    with suppress(io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
