"""docs/commands.md: every command with its arguments, from their parsers."""

import argparse
import re
from collections.abc import Iterator
from importlib import import_module

from edgeocr.commands import COMMANDS
from edgeocr.model.networks.manifest import DEFAULT_FOLDER

_HEAD = """# Commands

`edgeocr COMMAND --help` prints the same. This page is made of the commands' declarations by `make reference`.

| exit code | meaning |
| --- | --- |
| 0 | all was done |
| 1 | something could not be read, was refused, or is not ready |
| 2 | wrong usage |
| 3 | no server was reached; of `edgeocr serve`: work was cut off when the time to drain ended |
| 130, 141 | interrupted; nobody reads the output any more |
"""
_SETTINGS = "Its flags are the [settings](settings.md)."


def page() -> str:
    """The page as it should be."""
    return "\n".join([_HEAD, *_commands()]) + "\n"


def _commands() -> Iterator[str]:
    for name, command in COMMANDS.items():
        yield f"## edgeocr {name}\n\n{command.summary[:1].upper()}{command.summary[1:]}.\n"
        if name == "serve":
            yield _SETTINGS + "\n"
            continue
        parser = argparse.ArgumentParser(prog=f"edgeocr {name}")
        import_module(f"{command.package}.arguments").add_arguments(parser)
        yield "| argument | default | meaning |\n| --- | --- | --- |"
        yield from map(_argument, (action for action in parser._actions if action.dest != "help"))
        yield ""


def _argument(action: argparse.Action) -> str:
    values = "" if action.nargs == 0 else _values(action)
    names = [f"`{name}{values and ' ' + values}`" for name in action.option_strings] or [f"`{values}`"]
    default = "" if action.default in (None, False, argparse.SUPPRESS, []) else f"`{action.default}`"
    if action.default == DEFAULT_FOLDER:
        # Its place is another on every machine.
        default = "the installed ones"
    meaning = (action.help or "") % {**vars(action), "prog": "edgeocr"}
    return f"| {', '.join(names)} | {default} | {_cell(meaning)} |"


def _values(action: argparse.Action) -> str:
    if action.metavar is not None:
        name = action.metavar if isinstance(action.metavar, str) else " ".join(action.metavar)
    elif action.choices is not None:
        name = "{" + ",".join(map(str, action.choices)) + "}"
    else:
        name = action.dest.upper()
    return {"*": f"[{name} …]", "+": f"{name} …", "?": f"[{name}]"}.get(str(action.nargs), name)


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", r"\|")
