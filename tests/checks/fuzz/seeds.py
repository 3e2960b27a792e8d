"""Seed corpora: small valid inputs of each target."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.proto.inference import open_inference_pb2
from tests.support.files.documents import damage_page, lead_nowhere, tiff
from tests.support.files.file_formats import every_format
from tests.support.files.pdfs import DAMAGED, PdfPageSpec, one_object_page, pdf

PASSWORD = "secret"
"""Of the documents that are encrypted."""

_SUFFIXES = (".png", ".jpg", ".webp", ".bmp", ".tiff")


def images() -> list[bytes]:
    """Tiny files of every format, grey, coloured and with alpha."""
    pixels = np.random.default_rng(3).integers(0, 255, (16, 24, 4), np.uint8)
    files = []
    for suffix in _SUFFIXES:
        for form in (pixels[:, :, 0], pixels[:, :, :3], pixels):
            done, data = cv2.imencode(suffix, np.ascontiguousarray(form))
            if done:
                files.append(data.tobytes())
    return files


def requests() -> list[bytes]:
    """Serialised RecognizeRequests, encoded and raw."""
    options = ocr_pb2.RecognizeOptions(mode=ocr_pb2.MODE_LINE, include_characters=True)
    raw = [
        ocr_pb2.RawPixels(data=bytes(channels * 6 * 8), format=form, width_pixels=8, height_pixels=6)
        for form, channels in (
            (ocr_pb2.PIXEL_FORMAT_GREY8, 1),
            (ocr_pb2.PIXEL_FORMAT_BGR24, 3),
            (ocr_pb2.PIXEL_FORMAT_RGB24, 3),
        )
    ]
    sources = [*(ocr_pb2.Image(encoded=data) for data in images()), *(ocr_pb2.Image(raw=one) for one in raw)]
    return [ocr_pb2.RecognizeRequest(image=image, options=options).SerializeToString() for image in sources]


def write(target: str, folder: Path) -> None:
    """Fills a folder with a target's seeds."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(_SEEDS[target]()):
        (folder / f"seed-{number}").write_bytes(data)


def _streams() -> Iterator[bytes]:
    yield from (bytes([kind, *range(40)]) * 4 for kind in range(8))


def _documents() -> Iterator[bytes]:
    pages = [PdfPageSpec([("one", 40, 100)]), DAMAGED, PdfPageSpec([("two", 9, 9)], rotation=90)]
    pixels = np.random.default_rng(3).integers(0, 255, (16, 24, 3), np.uint8)
    entries = b"/Type/XObject/Subtype/%s/Width 2/Height 2/BitsPerComponent 8/ColorSpace/DeviceGray/BBox[0 0 9 9]"
    files = [
        pdf(pages),
        pdf([PdfPageSpec([("three", 9, 9)], image=pixels)], PASSWORD),
        one_object_page(entries % b"Image", b"abcd"),
        one_object_page(entries % b"Form", b"0 0 1 rg 1 1 5 5 re f BT /F 9 Tf (x) Tj ET", transparent=True),
        tiff([pixels, pixels[:8], pixels]),
        damage_page(tiff([pixels, pixels]), 1),
        lead_nowhere(tiff([pixels, pixels]), 1),
        *(
            data
            for name, data in every_format(Image.fromarray(pixels))
            if name.startswith(("tiff", "jpeg 2000", "avif", "heic", "pnm"))
        ),
    ]
    yield from (
        bytes([choices, 0]) + file for file in files for choices in (0b0000010, 0b1001000, 0b0011011, 0b0100011)
    )


def _inference() -> Iterator[bytes]:
    for choices in (0b0100110, 0b0110010):
        for raw in (False, True):
            message = open_inference_pb2.ModelInferRequest(model_name="edgeocr", id="1")
            tensor = message.inputs.add(name="image", datatype="BYTES", shape=[2])
            message.parameters["mode"].string_param = "line"
            message.parameters["timeout"].int64_param = 1000
            message.outputs.add(name="text")
            files = images()[:2]
            if raw:
                message.raw_input_contents.append(b"".join(len(one).to_bytes(4, "little") + one for one in files))
            else:
                tensor.contents.bytes_contents.extend(files)
            yield bytes([choices]) + message.SerializeToString()


def _requests_over_http() -> Iterator[bytes]:
    file, other = images()[:2]
    part = b'--B\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    named = b'; filename="a\\b.png"\r\nContent-Type: image/png'
    fields = part % (b"pages", b"", b"1-") + part % (b"characters", b"", b"1")
    form = fields + part % (b"image", named, file) + part % (b"image", named, other) + b"--B--\r\n"
    sent = base64.b64encode(file).decode()
    several = {"image": [sent, f"data:image/png;base64,{sent}", 5], "password": "x", "dpi": 300, "partial": True}
    bodies = [
        (b"multipart/form-data; boundary=B", form),
        (b'multipart/form-data; boundary="B"', form[:-6]),
        (b"application/json", json.dumps({"image": sent}).encode()),
        (b"application/json; charset=utf-8", json.dumps(several).encode()),
        (b"image/png", file),
        (b"application/pdf", pdf([PdfPageSpec([("one", 40, 100)])])),
    ]
    queries = (
        b"",
        b"?stream=1&characters=1",
        b"?mode=line&pages=2-&dpi=150&omit=skew,tables&timeout=1.5&text_layer=use",
    )
    for number, (kind, body) in enumerate(bodies):
        for query in queries:
            length = b"\ncontent-length: %d" % len(body) if number % 2 else b""
            head = b"/api/ocr%s\ncontent-type: %s%s\n\n" % (query, kind, length)
            yield bytes([40, 255, 2]) + head + body
    yield bytes([0, 2, 14]) + b"/readyz\n\n"
    yield from _inferences_over_http(file, sent)


def _inferences_over_http(file: bytes, sent: str) -> Iterator[bytes]:
    tensor = {"name": "image", "shape": [1], "datatype": "BYTES"}
    size = {"binary_data_size": 4 + len(file)}
    wanted = [{"name": "lines", "parameters": {"binary_data": True}}, {"name": "confidence"}]
    behind = {"id": "7", "inputs": [tensor | {"parameters": size}], "outputs": wanted}
    within = {"inputs": [tensor | {"data": [sent]}], "parameters": {"mode": "line", "timeout": 5_000_000}}
    for asked, data in ((behind, len(file).to_bytes(4, "little") + file), (within, b"")):
        text = json.dumps(asked).encode()
        length = b"\ninference-header-content-length: %d" % len(text) if data else b""
        yield bytes([40, 255, 2]) + b"/v2/models/edgeocr/infer%s\n\n" % length + text + data


def _openings() -> Iterator[bytes]:
    for file in _documents():
        # Choices come before the file, here as one byte.
        yield from (bytes([choice]) + file[2:] for choice in (0, 17, 2, 6, 3))
    yield from (b"\x03" + file for file in images())


_SEEDS = {
    "image": images,
    "request": requests,
    "stream": _streams,
    "chunks": _streams,
    "inference": _inference,
    "document": _documents,
    "opening": _openings,
    "http": _requests_over_http,
    "planted": lambda: [b"...."],
}
