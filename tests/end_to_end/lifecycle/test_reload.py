"""Weights are exchanged under load, and nobody notices."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from edgeocr.client import Client
from edgeocr.model.networks.manifest import FILE_NAME, checksum
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.proto.inference import open_inference_pb2, open_inference_pb2_grpc
from tests.support.rendering import encoded, line, page
from tests.support.serving import ServerProcess, eventually, stub

PAGE = encoded(page([(f"Line number {number} of many", (40, 40 * number)) for number in range(14)]))


@pytest.fixture
def folder(weights, tmp_path):
    return shutil.copytree(weights, tmp_path / "weights")


def rename(folder, name):
    values = json.loads((folder / FILE_NAME).read_text())
    values["recogniser"]["name"] = name
    (folder / FILE_NAME).write_text(json.dumps({**values, "sha256": checksum(values)}))


def model_names(server):
    with server.channel() as channel:
        info = stub(channel).GetServerInfo(ocr_pb2.GetServerInfoRequest())
    return [model.name for model in info.models]


def reloads(server, result):
    return server.metrics().get(f"edgeocr_reloads_total[result={result}]", 0)


def test_a_reload_under_load_drops_no_request_and_is_reported_everywhere(folder):
    stop, failures, answers = threading.Event(), [], []

    def ask(target, data, mode):
        with Client(target) as client:
            while not stop.is_set():
                try:
                    answers.append(client.read(data, mode=mode).pages[0].text)
                except Exception as error:
                    failures.append(error)
                    stop.wait(0.1)

    with ServerProcess("--models", str(folder)) as server:
        asking = [
            threading.Thread(target=ask, args=(server.target, *work))
            for work in ((PAGE, "page"), (PAGE, "page"), (encoded(line("on and on")), "line"))
        ]
        for thread in asking:
            thread.start()
        try:
            for round_number in (1, 2):
                answers.clear()
                eventually(lambda: len(answers) > 5)
                rename(folder, f"round {round_number}")
                server.process.send_signal(signal.SIGHUP)
                eventually(lambda count=round_number: reloads(server, "ok") == count, 90)
                assert f"round {round_number}" in model_names(server)
                described = [name for name in server.metrics() if name.startswith("edgeocr_build_info")]
                assert len(described) == 1
                assert f"[model=round {round_number}]" in described[0]
        finally:
            stop.set()
            for thread in asking:
                thread.join()
        assert failures == []
        assert not any("Traceback" in row for row in server.log)


def exchange(folder, one, other):
    """Has both recognisers call one character by the other's name, and the other way round."""
    values = json.loads((folder / FILE_NAME).read_text())
    names = {one: other, other: one}
    for recogniser in ("recogniser", "fast_recogniser"):
        file = folder / values[recogniser]["charset"]["file"]
        text = "".join(names.get(character, character) for character in file.read_text("utf-8"))
        file.write_text(text, "utf-8")
        values[recogniser]["charset"]["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    (folder / FILE_NAME).write_text(json.dumps({**values, "sha256": checksum(values)}))


def test_the_other_protocol_reads_with_the_new_weights_too(folder):
    asked = open_inference_pb2.ModelInferRequest(model_name="edgeocr")
    asked.parameters["mode"].string_param = "line"
    asked.inputs.add(name="image", datatype="BYTES", shape=[1]).contents.bytes_contents.append(encoded(line("alpha")))
    asked.outputs.add(name="text")
    with ServerProcess("--models", str(folder)) as server, server.channel() as channel:
        service = open_inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        infer = service.ModelInfer
        versions = service.ModelMetadata(open_inference_pb2.ModelMetadataRequest(name="edgeocr")).versions
        assert list(infer(asked).outputs[0].contents.bytes_contents) == [b"alpha"]
        exchange(folder, "a", "b")
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: reloads(server, "ok") == 1, 90)
        assert list(infer(asked).outputs[0].contents.bytes_contents) == [b"blphb"]
        # The version is the server's, so that clients who name one are served by any weights.
        assert service.ModelMetadata(open_inference_pb2.ModelMetadataRequest(name="edgeocr")).versions == versions
        asked.model_version = versions[0]
        assert infer(asked).model_version == versions[0]


@pytest.mark.parametrize("program", [["edgeocr", "serve"], ["edgeocr.server"]])
def test_sighup_before_there_is_a_handler_does_not_end_the_process(program):
    starting = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", *program, "--workers", "none"],
        stderr=subprocess.PIPE,
        # Whoever runs the tests may have it ignored already.
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    )
    status, sent = Path(f"/proc/{starting.pid}/status"), 0
    with starting:
        while starting.poll() is None:
            # As soon as the process does not end by it, until there is something to load anew.
            if "SigIgn" in (found := status.read_text()) and int(found.split("SigIgn:")[1].split()[0], 16) & 1:
                starting.send_signal(signal.SIGHUP)
                sent += 1
            time.sleep(0.002)
    assert sent
    assert starting.returncode == 2


def test_sighup_before_the_server_is_ready_waits_until_it_is(weights):
    def hang_up(pid):
        # As soon as the process takes the signal at all: its bit in the mask of those that are caught.
        eventually(lambda: int(Path(f"/proc/{pid}/status").read_text().split("SigCgt:")[1].split()[0], 16) & 1 == 1)
        os.kill(pid, signal.SIGHUP)

    with ServerProcess(meanwhile=hang_up) as server:
        eventually(lambda: reloads(server, "ok") == 1)
        rows = [row for row in server.log if "serving on" in row or "reloading" in row]
        assert ["serving on" in row for row in rows] == [True, False]


def test_a_bad_file_changes_nothing_and_is_reported(folder):
    with ServerProcess("--models", str(folder)) as server:
        before = model_names(server)
        rename(folder, "never seen")
        with (folder / "detector.onnx").open("ab") as file:
            file.write(b"more")
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: reloads(server, "error") == 1)
        assert any("the weights are unchanged" in row and "detector.onnx: was altered" in row for row in server.log)
        assert model_names(server) == before
        with server.channel() as channel:
            request = ocr_pb2.RecognizeRequest(image=ocr_pb2.Image(encoded=PAGE))
            assert len(stub(channel).Recognize(request).document.pages[0].lines) == 14
        assert server.process.poll() is None
