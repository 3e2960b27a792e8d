"""Where fuzzing starts from: small valid inputs of each target."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from edgeocr.proto.edgeocr.v1 import ocr_pb2

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


_SEEDS = {
    "image": images,
    "request": requests,
    "stream": _streams,
    "planted": lambda: [b"...."],
}
