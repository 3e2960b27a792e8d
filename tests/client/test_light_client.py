"""The client where nothing of the reader is installed."""

import json
import subprocess
import sys

import pytest

HEAVY = ["PIL", "cv2", "grpc_reflection", "numpy", "onnxruntime", "prometheus_client", "pypdfium2", "pythonjsonlogger"]

WITHOUT = """
import json, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HEAVY:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

HEAVY = json.loads(sys.argv.pop(1))
sys.meta_path.insert(0, Missing())
"""


def run(program, *arguments):
    command = [sys.executable, "-c", WITHOUT + program, json.dumps(HEAVY), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def main(*arguments):
    return run("from edgeocr.client.cli.main import main; sys.exit(main())", *arguments)


def test_the_client_and_its_types_are_imported():
    done = run("from edgeocr import Client, Document, DocumentChoice; import edgeocr.client.cli.read.command; print(1)")
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_pixels_are_taken_from_whatever_has_a_buffer():
    done = run(
        "from edgeocr.client import make_image\n"
        "image = make_image(memoryview(bytes(12)).cast('B', (2, 2, 3)).toreadonly())\n"
        "from edgeocr.client.images import as_png\n"
        "print(len(image.encoded))"
    )
    assert (done.stdout, done.stderr) == ("12\n", "")


@pytest.mark.parametrize("command", ["serve", "doctor"])
def test_commands_of_the_server_say_in_one_line_what_to_install(command):
    done = main(command)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"edgeocr: edgeocr {command} needs ")
    assert line.endswith("which is not installed; `pip install 'edgeocr[server]'` installs it")


def test_the_server_as_a_module_says_it_as_well():
    done = run("import runpy; runpy.run_module('edgeocr.server', run_name='__main__')")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0].startswith("edgeocr: edgeocr serve needs ")


def test_so_does_reading_in_this_process():
    done = run("import edgeocr; edgeocr.read('scan.jpg')")
    assert done.stderr.splitlines()[-1] == (
        "edgeocr.extras.MissingExtra: edgeocr.read needs numpy, which is not installed; "
        "`pip install 'edgeocr[server]'` installs it"
    )


def test_so_does_a_pdf(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    done = main("read", "--format", "pdf", "--output", str(tmp_path / "a.pdf"), str(tmp_path / "a.png"))
    assert done.returncode == 2
    assert done.stderr == (
        "edgeocr read: --format pdf needs pypdfium2, which is not installed; `pip install 'edgeocr[pdf]'` installs it\n"
    )


def test_help_lists_all_commands():
    # What blocks imports here cannot say that a module is not there.
    nothing = "import importlib.util; importlib.util.find_spec = lambda name: None;"
    done = run(nothing + "from edgeocr.client.cli.main import main; sys.exit(main())", "--help")
    assert done.returncode == 0
    assert "read the text of images" in done.stdout
    assert "pip install 'edgeocr[server]'" in done.stdout
