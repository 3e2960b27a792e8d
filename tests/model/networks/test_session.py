import os
import subprocess
import sys

import numpy as np
import pytest

from edgeocr.model.errors import BadModel
from edgeocr.model.networks.manifest import load_manifest
from edgeocr.model.networks.session import Network

CREATE_SESSION = "from {module} import {name}; import onnxruntime; onnxruntime.InferenceSession({path!r})"


def files_left_in_home(weights, home, module, name):
    """What a process that creates a session writes into an empty home."""
    home.mkdir()
    quiet = ("CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "XDG_CACHE_HOME", "XDG_DATA_HOME")
    environment = {key: value for key, value in os.environ.items() if key not in quiet} | {"HOME": str(home)}
    code = CREATE_SESSION.format(module=module, name=name, path=str(weights / "detector.onnx"))
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)
    return sorted(path.name for path in home.rglob("*") if path.is_file())


def test_the_runtime_keeps_no_telemetry(weights, tmp_path):
    assert files_left_in_home(weights, tmp_path / "ours", "edgeocr.model.networks.session", "Network") == []
    if not files_left_in_home(weights, tmp_path / "plain", "os", "path"):
        pytest.skip("this build of ONNX Runtime has no telemetry to turn off")


def test_a_network_that_gives_another_type_is_refused(weights):
    with pytest.raises(BadModel, match=r"inputs and outputs \['tensor\(uint8\)', 'tensor\(uint8\)'\], not .*float"):
        Network(load_manifest(weights).detector.file, np.float32)


SHORT_OF_MEMORY = """
import resource, sys
from pathlib import Path
import numpy as np
from edgeocr.model.errors import OutOfMemory
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.timing import Trace
from edgeocr.model.options import Mode
from edgeocr.model.pixels import Picture

models = Models.load(Path({folder!r}))
picture = Picture(np.full((960, 960, 3), 255, np.uint8), 960, 960)
reader = Reader(models)
reader.find(Picture(picture.pixels[:320, :320], 320, 320), Mode.PAGE, Trace())
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 20_000_000, resource.RLIM_INFINITY))
try:
    reader.find(picture, Mode.PAGE, Trace())
except OutOfMemory:
    print("out of memory")
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print("then", len(reader.find(picture, Mode.PAGE, Trace()).polygons))
"""


def test_a_run_for_which_there_is_no_memory_says_so_and_the_network_goes_on(weights):
    code = SHORT_OF_MEMORY.format(folder=str(weights))
    environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=False, env=environment
    )
    assert done.stdout.split("\n")[:2] == ["out of memory", "then 0"], done.stderr
