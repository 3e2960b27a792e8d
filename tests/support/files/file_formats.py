"""One picture as a file of every kind that the decoders treat in a way of their own."""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from tests.support.files.heic import heic, turned
from tests.support.rendering import encoded

_ORIENTATION = 0x112
_ON_ITS_SIDE = 6
_ROWS_PER_STRIP = 278


def every_format(picture: Image.Image) -> Iterator[tuple[str, bytes]]:
    """Names and files; the RGB picture has the files' size."""
    exif = picture.getexif()
    exif[_ORIENTATION] = _ON_ITS_SIDE
    see_through = picture.copy()
    see_through.putalpha(200)
    deep = np.asarray(picture)[:, :, ::-1].astype(np.uint16) * 257
    deep_see_through = np.dstack([deep, np.full(deep.shape[:2], 40_000, np.uint16)])
    yield "jpeg", _saved(picture, "jpeg")
    yield "jpeg 4:4:4", _saved(picture, "jpeg", subsampling=0)
    yield "jpeg progressive", _saved(picture, "jpeg", progressive=True)
    yield "jpeg prog. 4:4:4", _saved(picture, "jpeg", progressive=True, subsampling=0)
    yield "jpeg grey", _saved(picture.convert("L"), "jpeg")
    yield "jpeg cmyk", _saved(picture.convert("CMYK"), "jpeg")
    yield "jpeg turned", _saved(picture, "jpeg", exif=exif)
    yield "png", _saved(picture, "png", compress_level=1)
    yield "png grey", _saved(picture.convert("L"), "png", compress_level=1)
    yield "png palette", _saved(picture.convert("P"), "png", compress_level=1)
    yield "png alpha", _saved(see_through, "png", compress_level=1)
    yield "png alpha turned", _saved(see_through, "png", compress_level=1, exif=exif)
    yield "png turned", _saved(picture, "png", compress_level=1, exif=exif)
    yield "png 16 bit", encoded(deep)
    yield "png 16 bit alpha", encoded(deep_see_through)
    yield "webp", _saved(picture, "webp", method=0)
    yield "webp lossless", _saved(picture, "webp", method=0, quality=0, lossless=True)
    yield "webp alpha", _saved(see_through, "webp", method=0)
    yield "webp alpha turned", _saved(see_through, "webp", method=0, exif=exif)
    yield "webp turned", _saved(picture, "webp", method=0, exif=exif)
    yield (
        "webp animated",
        _saved(
            picture, "webp", method=0, save_all=True, append_images=[picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
        ),
    )
    yield "bmp", _saved(picture, "bmp")
    yield "bmp palette", _saved(picture.convert("P"), "bmp")
    yield "tiff", _saved(picture, "tiff")
    yield "tiff one strip", _saved(picture, "tiff", compression="tiff_lzw", tiffinfo={_ROWS_PER_STRIP: picture.height})
    yield "tiff jpeg", _saved(picture, "tiff", compression="jpeg")
    yield "tiff alpha", _saved(see_through, "tiff", compression="tiff_lzw")
    yield "tiff turned", _saved(picture, "tiff", compression="tiff_lzw", tiffinfo={_ORIENTATION: _ON_ITS_SIDE})
    yield "tiff alpha turned", _saved(see_through, "tiff", tiffinfo={_ORIENTATION: _ON_ITS_SIDE})
    yield "tiff group 4", _saved(picture.convert("1"), "tiff", compression="group4")
    yield "tiff 16 bit", encoded(deep, ".tiff")
    yield "tiff big", _saved(picture, "tiff", big_tiff=True)
    yield "tiff zstd", _saved(picture, "tiff", compression="zstd")
    yield "tiff lzma", _saved(picture, "tiff", compression="lzma")
    yield "tiff lab", _saved(Image.frombytes("LAB", picture.size, picture.tobytes()), "tiff")
    yield "jpeg 2000", _saved(picture, "jpeg2000")
    yield "jpeg 2000 codestream", _saved(picture, "jpeg2000", no_jp2=True)
    yield "jpeg 2000 grey", _saved(picture.convert("L"), "jpeg2000")
    yield "jpeg 2000 alpha", _saved(see_through, "jpeg2000")
    yield "jpeg 2000 tiles", _saved(picture, "jpeg2000", tile_size=(256, 256), num_resolutions=6)
    yield "pnm", _saved(picture, "ppm")
    yield "pnm grey", _saved(picture.convert("L"), "ppm")
    yield "pnm bits", _saved(picture.convert("1"), "ppm")
    yield "avif", _saved(picture, "avif", speed=10)
    yield "avif 4:4:4", _saved(picture, "avif", speed=10, subsampling="4:4:4")
    yield "avif grey", _saved(picture.convert("L"), "avif", speed=10, subsampling="4:0:0")
    yield "avif alpha", _saved(see_through, "avif", speed=10)
    yield "avif turned", _saved(picture, "avif", speed=10, exif=exif)
    yield "heic", heic(picture)
    yield "heic tiles", heic(picture, tile=min(512, picture.width // 8 * 4))
    yield "heic grey", heic(picture.convert("L"))
    yield "heic alpha", heic(see_through)
    yield "heic turned", heic(picture, turned(1))
    yield "gif", _saved(picture, "gif")
    yield "gif animated", _saved(picture, "gif", save_all=True, append_images=[see_through])


def _saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()
