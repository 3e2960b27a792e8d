"""The profile that says what colours are."""

import io

import numpy as np
from PIL import Image, ImageCms

from edgeocr.client.formats.pdf.icc import srgb_profile


def test_it_is_srgb():
    data = srgb_profile()
    assert int.from_bytes(data[:4], "big") == len(data)
    profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
    pixels = Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8))
    transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    changed = np.asarray(ImageCms.applyTransform(pixels, transform), int) - np.asarray(pixels, int)
    assert np.abs(changed).max() <= 1
