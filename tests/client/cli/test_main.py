"""The program: which commands there are, and how it ends."""

import subprocess
import sys
from importlib.metadata import EntryPoint, version

import pytest

from edgeocr.client.cli import main as program
from edgeocr.client.cli.main import main

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
def commands(monkeypatch):
    """Makes a module a command."""

    def install(**modules):
        found = [EntryPoint(name, module, "edgeocr.commands") for name, module in modules.items()]
        monkeypatch.setattr(program, "entry_points", lambda group: found)

    return install


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Writes an importable command whose `run` has the given body."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name, body):
        source = f"SUMMARY = 'do {name}'\ndef add_arguments(parser): parser.add_argument('--x')\n"
        (tmp_path / f"{name}.py").write_text(f"{source}def run(arguments):\n    {body}\n")
        return name

    return write


@pytest.mark.parametrize("argv", [[], ["-h"], ["--help"]])
def test_help_lists_the_commands_with_their_summaries(argv, capsys, commands, module):
    commands(work=module("command_a", "return 0"), broken="no_such_module")
    assert main(argv) == 0
    output = capsys.readouterr().out
    assert "do command_a" in output
    assert "not available: No module named 'no_such_module'" in output


def test_the_installed_commands_are_there(capsys):
    assert main(["--help"]) == 0
    output = capsys.readouterr().out
    assert "read the text of images" in output
    assert "describe a server" in output


def test_version_is_that_of_the_distribution(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"edgeocr {version('edgeocr')}\n"


def test_an_unknown_command_is_a_usage_error(capsys, commands, module):
    commands(work=module("command_b", "return 0"))
    assert main(["wrok"]) == 2
    assert "unknown command 'wrok'; known are work" in capsys.readouterr().err


def test_only_the_command_asked_for_is_loaded(commands, module):
    commands(work=module("command_c", "return len(arguments.x)"), other=module("command_d", "return 0"))
    assert main(["work", "--x", "four"]) == 4
    assert "command_d" not in sys.modules


def test_a_command_that_cannot_be_loaded_says_why(capsys, commands):
    commands(broken="no_such_module")
    assert main(["broken"]) == 1
    assert "no_such_module" in capsys.readouterr().err


def test_an_interrupt_ends_quietly(capsys, commands, module):
    commands(work=module("command_e", "raise KeyboardInterrupt"))
    assert main(["work"]) == 130
    assert capsys.readouterr().err == ""


def test_wrong_arguments_are_a_usage_error(capsys, commands, module):
    commands(work=module("command_f", "return 0"))
    with pytest.raises(SystemExit) as caught:
        main(["work", "--nonsense"])
    assert caught.value.code == 2
    assert "edgeocr work" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_traceback():
    program = "import sys; from edgeocr.client.cli.main import main; sys.exit(main(['--help']))"
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), errors) == (141, b"")
