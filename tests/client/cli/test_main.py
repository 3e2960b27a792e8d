"""The program: which commands there are, and how it ends."""

import subprocess
import sys
from importlib import import_module
from importlib.metadata import version

import pytest

from edgeocr.client.cli import main as program
from edgeocr.client.cli.main import main
from edgeocr.commands import COMMANDS, Command

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
def commands(monkeypatch):
    """Makes packages the only commands."""

    def install(**packages):
        monkeypatch.setattr(program, "COMMANDS", {name: Command(at, f"do {name}") for name, at in packages.items()})

    return install


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Writes a command whose `run` has the given body."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name, body):
        (tmp_path / name).mkdir()
        (tmp_path / name / "arguments.py").write_text("def add_arguments(parser): parser.add_argument('--x')\n")
        (tmp_path / name / "command.py").write_text(f"def run(arguments):\n    {body}\n")
        return name

    return write


@pytest.mark.parametrize("argv", [[], ["-h"], ["--help"]])
def test_help_lists_the_commands_with_their_summaries_and_loads_none(argv, capsys, commands):
    commands(work="no_such_package")
    assert main(argv) == 0
    assert "\n  work  do work\n" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there(name, capsys):
    command = COMMANDS[name]
    assert callable(import_module(f"{command.package}.command").run)
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    assert f"usage: edgeocr {name} " in capsys.readouterr().out


_HEAVY = (
    "asyncio",
    "cv2",
    "edgeocr.proto",
    "google.protobuf",
    "grpc",
    "numpy",
    "onnxruntime",
    "prometheus_client",
    "tqdm",
)


@pytest.mark.parametrize("argv", [["--help"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_help_waits_for_nothing_that_only_a_run_needs(argv):
    found = f"print(sorted({set(_HEAVY)!r} & set(sys.modules)), file=sys.stderr)"
    code = f"import atexit, sys; from edgeocr.__main__ import main; atexit.register(lambda: {found}); sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code, *argv], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_version_is_that_of_the_distribution(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"edgeocr {version('edgeocr')}\n"


def test_an_unknown_command_is_a_usage_error(capsys, commands, package):
    commands(work=package("command_b", "return 0"))
    assert main(["wrok"]) == 2
    assert "unknown command 'wrok'; the commands are work" in capsys.readouterr().err


def test_only_the_command_asked_for_is_loaded(commands, package):
    commands(work=package("command_c", "return len(arguments.x)"), other=package("command_d", "return 0"))
    assert main(["work", "--x", "four"]) == 4
    assert not any(name.startswith("command_d") for name in sys.modules)


def test_a_command_that_cannot_be_loaded_says_why(capsys, commands):
    commands(broken="no_such_module")
    assert main(["broken"]) == 1
    assert "no_such_module" in capsys.readouterr().err


def test_an_interrupt_ends_quietly(capsys, commands, package):
    commands(work=package("command_e", "raise KeyboardInterrupt"))
    assert main(["work"]) == 130
    assert capsys.readouterr().err == ""


def test_wrong_arguments_are_a_usage_error(capsys, commands, package):
    commands(work=package("command_f", "return 0"))
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
