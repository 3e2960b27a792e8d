"""Runs the examples of README and docs: every fenced block, in its document's order.

`sh` and `console` blocks are run by bash, `python` in this process, with what the blocks before defined; `json` and
`yaml` are parsed. A `console` block has commands after `$ ` and what these print, where `…` stands for anything. What
cannot run here is behind `<!-- skip: next "reason" -->`, and `stand_ins.sh` has what is checked in part only.
"""

import doctest
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser, SkipParser

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "README.zh.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
CHECKED = ("sh", "console", "python", "json", "yaml")
SHOWN = ("text", "toml", "mermaid")
"""Languages of blocks that are checked, and of those that show something."""
_STAND_INS = Path(__file__).with_name("stand_ins.sh")
_COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_SECONDS = 100


@dataclass(frozen=True)
class Runner:
    """Runs blocks in a folder, with other words in place of some, such as free ports in place of the usual ones."""

    folder: Path
    words: Mapping[str, str]

    def document(self, path: Path) -> Document:
        """The document at a path, with its blocks."""
        kinds = {"sh": self.shell, "console": self.console, "python": self.python, "json": self.json, "yaml": self.yaml}
        parsers = [CodeBlockParser(language, evaluator) for language, evaluator in kinds.items()]
        return Document.parse(str(path), *parsers, SkipParser())

    def shell(self, example: Example) -> None:
        """Runs a block of commands; the first one that fails ends it."""
        self._run(example.parsed)

    def console(self, example: Example) -> None:
        """Runs each command of a block, and compares what it prints."""
        checker = doctest.OutputChecker()
        for command, wanted in _COMMAND.findall(example.parsed):
            wanted = wanted.replace("…", "...")
            got = self._run(command)
            if not checker.check_output(wanted, got, doctest.ELLIPSIS):
                compared = doctest.Example(command, wanted)
                raise AssertionError(checker.output_difference(compared, got, doctest.ELLIPSIS))

    def python(self, example: Example) -> None:
        """Runs a block of Python."""
        code = compile("\n" * example.line + self._meant(example.parsed), example.path, "exec", dont_inherit=True)
        exec(code, example.namespace)  # noqa: S102  # it is ours

    def json(self, example: Example) -> None:
        """Parses a block of JSON, in which `…` stands for more members."""
        json.loads(re.sub(r",?\s*…", "", example.parsed))

    def yaml(self, example: Example) -> None:
        """Parses a block of YAML."""
        yaml.safe_load(example.parsed)

    def _run(self, commands: str) -> str:
        environment = {
            **os.environ,
            "PROJECT": str(ROOT),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "EDGEOCR_TARGET": self.words["127.0.0.1:50051"],
        }
        script = f"set -e; . {_STAND_INS}\n{self._meant(commands)}"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{commands}\nended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def _meant(self, text: str) -> str:
        for word in sorted(self.words, key=len, reverse=True):
            text = text.replace(word, self.words[word])
        return text


def unlabelled(path: Path) -> list[str]:
    """First lines of the fenced blocks of a document whose language is neither checked nor known as shown."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [block.partition("\n")[0] for language, block in blocks if language not in (*CHECKED, *SHOWN)]
