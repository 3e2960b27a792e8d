"""Memory of decoding, as the kernel counts it, compared with the plan by the header."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from edgeocr.model.files.headers.header import read_header
from tests.support.files.heic import heic

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 3000, 2000
_SLACK_BYTES = 4 << 20
"""For code that is used for the first time."""
_DECODE = """
import sys
from pathlib import Path
from edgeocr.model.files.image import EncodedImage, decode

def kibibytes(name):
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith(name))

small, large = (Path(name).read_bytes() for name in sys.argv[1:])
decode(EncodedImage(small))
before = kibibytes("VmRSS:")
# The high-water mark begins anew.
Path("/proc/self/clear_refs").write_text("5")
decode(EncodedImage(large))
print((kibibytes("VmHWM:") - before) * 1024)
"""


def picture(width, height):
    rows = np.linspace(0, 255, width * height * 4, dtype=np.uint8).reshape(height, width, 4)
    return Image.fromarray(np.ascontiguousarray(rows))


KINDS = {
    "webp": {"format": "webp", "quality": 50, "method": 0},
    "webp lossless": {"format": "webp", "lossless": True, "quality": 0, "method": 0},
    "webp animated": {"format": "webp", "quality": 50, "method": 0, "save_all": True},
    "tiff": {"format": "tiff", "compression": "tiff_deflate"},
    "png": {"format": "png", "compress_level": 1},
    "gif": {"format": "gif"},
    "pnm": {"format": "ppm"},
    "jpeg 2000": {"format": "jpeg2000"},
    "jpeg 2000 tiles": {"format": "jpeg2000", "tile_size": (256, 256)},
    "avif": {"format": "avif", "speed": 10},
    "avif 4:4:4": {"format": "avif", "speed": 10, "subsampling": "4:4:4"},
    "heic": {"format": "heic"},
    "gif transparent": {"format": "gif", "transparency": 3},
}


@pytest.mark.parametrize("kind", KINDS)
def test_decoding_takes_no_more_than_is_accounted_for(kind, tmp_path):
    for name, image in (("small", picture(64, 64)), ("large", picture(WIDTH, HEIGHT))):
        data = io.BytesIO()
        if "save_all" in KINDS[kind]:
            KINDS[kind]["append_images"] = [image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
        if kind == "heic":
            data.write(heic(image))
        else:
            (image.convert("RGB").quantize(64) if "gif" in kind else image).save(data, **KINDS[kind])
        (tmp_path / name).write_bytes(data.getvalue())
    large = (tmp_path / "large").read_bytes()
    command = [sys.executable, "-c", _DECODE, str(tmp_path / "small"), str(tmp_path / "large")]
    took = int(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    header = read_header(large)
    planned = (header.pixel_bytes + header.source_pixel_bytes) * WIDTH * HEIGHT + len(large)
    assert 3 * WIDTH * HEIGHT <= took <= planned + _SLACK_BYTES, f"{took / WIDTH / HEIGHT:.1f} bytes a pixel"
