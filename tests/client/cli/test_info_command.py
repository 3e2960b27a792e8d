"""`edgeocr info` against a server."""

import json

import pytest

from edgeocr.client.cli.main import main
from edgeocr.proto.edgeocr.v1 import ocr_pb2

pytestmark = pytest.mark.timeout(30)


def test_info_is_readable_and_machine_readable(server, capsys):
    info = server.ocr.info
    info.models.add(task=ocr_pb2.MODEL_TASK_RECOGNIZE, name="crnn 2", licence="Apache-2.0", charset_size=6625)
    info.modes.extend([ocr_pb2.MODE_PAGE, 77])
    info.limits.image_bytes = 50_000_000
    assert main(["info", "--target", server.target]) == 0
    text = capsys.readouterr().out
    assert "edgeocr 1.2.3" in text
    assert "crnn 2" in text
    assert "50,000,000" in text
    assert main(["info", "--target", server.target, "--format", "json"]) == 0
    description = json.loads(capsys.readouterr().out)
    assert description["models"][0]["task"] == "recognize"
    assert description["modes"] == ["page", "77"]
    assert description["limits"]["stream_images"] == 4
    assert set(description["limits"]) == set(ocr_pb2.Limits.DESCRIPTOR.fields_by_name)
