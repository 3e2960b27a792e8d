import asyncio
import gc
import json
import shutil
import weakref

import pytest

from edgeocr.model.networks.manifest import FILE_NAME, checksum
from edgeocr.model.pipeline import Models
from edgeocr.server.lifecycle.background import Background
from edgeocr.server.lifecycle.reload import Reloading
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use
from edgeocr.server.observing.metrics import Metrics


def rename(folder, name):
    """Gives the recogniser another name."""
    values = json.loads((folder / FILE_NAME).read_text())
    values["recogniser"]["name"] = name
    (folder / FILE_NAME).write_text(json.dumps({**values, "sha256": checksum(values)}))


def out_of_memory(folder):
    raise MemoryError


class Server:
    """What a server has to do with reloading."""

    def __init__(self, folder):
        self.budget, self.metrics = Budget(1_000_000_000), Metrics()
        self.used = asyncio.Queue()
        self.reloading = Reloading(folder, self.budget, self.metrics, self.used.put_nowait)
        self.background = Background(lambda: None)
        self.background.repeat("reloading weights", self.reloading.once_asked)

    def results(self):
        read = self.metrics.registry.get_sample_value
        return [read("edgeocr_reloads_total", {"result": result}) or 0 for result in ("ok", "error")]

    async def failed(self):
        while self.results()[1] == 0:
            await asyncio.sleep(0.01)


@pytest.fixture
def folder(weights, tmp_path):
    return shutil.copytree(weights, tmp_path / "weights")


@pytest.fixture
async def server(folder):
    value = Server(folder)
    yield value
    await value.background.stop()
    assert set(value.budget.used_bytes().values()) == {0}


async def test_new_weights_are_put_into_use(server, folder):
    rename(folder, "another one")
    server.reloading.ask()
    models = await asyncio.wait_for(server.used.get(), 60)
    assert models.manifest.recogniser.file.name == "another one"
    await asyncio.sleep(0)
    while server.results() != [1, 0]:
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("fault", ["altered", "missing", "no manifest", "no model", "out of memory"])
async def test_whatever_is_wrong_with_a_file_the_old_weights_stay(server, folder, fault, monkeypatch, caplog):
    match fault:
        case "altered":
            with (folder / "recogniser.onnx").open("ab") as file:
                file.write(b"more")
        case "missing":
            (folder / "charset.txt").unlink()
        case "no manifest":
            (folder / FILE_NAME).write_text("{")
        case "no model":
            rename(folder, "cut")
            monkeypatch.setattr("edgeocr.model.networks.manifest._checked", lambda path, sha256: path.read_bytes())
            (folder / "detector.onnx").write_bytes(b"no model")
        case "out of memory":
            monkeypatch.setattr(Models, "load", out_of_memory)
    server.reloading.ask()
    await asyncio.wait_for(server.failed(), 60)
    assert server.used.empty()
    assert server.results() == [0, 1]
    assert "the weights are unchanged" in caplog.text


async def test_after_a_bad_file_a_good_one_is_taken(server, folder):
    good = (folder / FILE_NAME).read_text()
    (folder / FILE_NAME).write_text("{")
    server.reloading.ask()
    await asyncio.wait_for(server.failed(), 60)
    (folder / FILE_NAME).write_text(good)
    server.reloading.ask()
    assert await asyncio.wait_for(server.used.get(), 60)


async def test_loading_waits_for_memory_and_no_image_starts_meanwhile(server):
    half = server.budget.most_bytes(Use.RUNNING) * 99 // 100
    held = server.budget.try_reserve(Use.RUNNING, half)
    server.reloading.ask()
    while server.budget.used_bytes()[Use.RUNNING] == half:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    assert server.used.empty()
    assert server.budget.try_reserve(Use.RUNNING, 1) is None
    held.release()
    assert await asyncio.wait_for(server.used.get(), 60)


async def test_models_that_are_not_used_any_more_are_gone(server):
    server.reloading.ask()
    kept = await asyncio.wait_for(server.used.get(), 60)
    gone = weakref.ref(kept)
    del kept
    for _ in range(100):
        if gone() is None:
            return
        gc.collect()
        await asyncio.sleep(0.01)
    raise AssertionError("something holds them")
