"""The program `edgeocr`: runs the requested command.

Only that command is imported, and for its help only its arguments, so that `edgeocr read` does not load the server's
libraries.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from types import ModuleType

from edgeocr.client.cli.messages import NoServer, complain
from edgeocr.client.cli.output import OutputError, output_errors
from edgeocr.commands import COMMANDS, EXIT_FAILED, Command, UsageError
from edgeocr.extras import MissingExtra, load_extra

EXIT_USAGE = 2
EXIT_UNREACHABLE = 3
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141
"""The shell's exit code for a program ended by SIGPIPE."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs `edgeocr` with the given arguments (by default those of the process) and returns its exit code.

    Raises:
        SystemExit: the command's arguments are invalid (2), or its help was requested (0).
    """
    name, *rest = (sys.argv[1:] if argv is None else list(argv)) or ["--help"]
    try:
        if name in ("-h", "--help"):
            print(_help())
            code = 0
        elif name == "--version":
            print("edgeocr", import_module("importlib.metadata").version("edgeocr"))
            code = 0
        elif name in COMMANDS:
            code = _run(name, COMMANDS[name], rest)
        else:
            complain(f"unknown command {name!r}; the commands are {', '.join(COMMANDS)}")
            code = EXIT_USAGE
        # Flushes here, so that a closed pipe or a full disk is reported and does not fail at interpreter shutdown.
        _flush_output()
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return EXIT_BROKEN_PIPE
    except OutputError as error:
        complain(str(error))
        _discard_output()
        return EXIT_FAILED
    return code


def _flush_output() -> None:
    with output_errors("standard output"):
        sys.stdout.flush()


def _run(name: str, command: Command, argv: Sequence[str]) -> int:
    program = f"edgeocr {name}"
    parser = argparse.ArgumentParser(prog=program, description=command.summary)
    try:
        _part(command, "arguments", program).add_arguments(parser)
        arguments = parser.parse_args(argv)
        run = _part(command, "command", program).run
    except MissingExtra as error:
        complain(str(error))
        return EXIT_FAILED
    except ImportError as error:
        complain(f"the command {name!r} cannot be loaded: {error}")
        return EXIT_FAILED
    try:
        code: int = run(arguments)
    except UsageError as error:
        complain(str(error), program)
        return EXIT_USAGE
    except NoServer as error:
        for row in str(error).splitlines():
            complain(row)
        return EXIT_UNREACHABLE
    return code


def _part(command: Command, part: str, program: str) -> ModuleType:
    module = f"{command.package}.{part}"
    return load_extra(module, command.extra, program) if command.extra else import_module(module)


def _help() -> str:
    width = max(map(len, COMMANDS))
    return "\n".join(
        [
            "usage: edgeocr COMMAND …",
            "",
            "commands:",
            *(f"  {name:{width}}  {_summary(command)}" for name, command in COMMANDS.items()),
            "",
            "options:",
            "  -h, --help  show this text; after a command, show its arguments",
            "  --version   show the version",
        ]
    )


def _summary(command: Command) -> str:
    return command.summary + ("" if command.is_installed() else f" (`pip install 'edgeocr[{command.extra}]'`)")


def _discard_output() -> None:
    # Otherwise the interpreter fails to flush the closed pipe at shutdown.
    with suppress(io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
