"""Files: what their headers say, and what reading them is reckoned to take."""

from tests.checks.mutation.mutant import Mutant

_HEADER, _JPEG = "model/files/headers/header.py", "model/files/headers/jpeg.py"
_MEMORY_TESTS = ("tests/model/files/test_decoding_memory.py",)
_HEADER_TESTS = ("tests/model/files/headers/test_header.py", "tests/model/test_memory_plan.py")

MUTANTS = (
    Mutant(
        "has no room for callbacks where no memory may be written and run",
        "server/decoder/program.py",
        "    callback = ctypes.CFUNCTYPE(None)(_nothing)\n",
        "    callback = _nothing\n",
        ("tests/server/decoder/test_confinement.py::test_pdfs_are_drawn_where_no_memory_may_be_written_and_run",),
    ),
    Mutant(
        "does not reckon with the decoder's copy of a file",
        "model/memory_plan.py",
        "    decoding += size_bytes\n",
        "",
        ("tests/model/test_memory_plan.py",),
    ),
    Mutant(
        "reckons with animated WebP as with a picture",
        _HEADER,
        "_WEBP_FRAMES_PIXEL_BYTES = 20.0",
        "_WEBP_FRAMES_PIXEL_BYTES = 9.0",
        _MEMORY_TESTS,
    ),
    Mutant(
        "reckons with WebP as if it were decoded in place",
        _HEADER,
        "_WEBP_COLOURS_BYTES, _WEBP_ALPHA_BYTES = 8.0, 9.0",
        "_WEBP_COLOURS_BYTES, _WEBP_ALPHA_BYTES = 3.0, 3.0",
        _MEMORY_TESTS,
    ),
    Mutant(
        "opens WebP in the server",
        _HEADER,
        "height & 0x3FFF, opens_apart=True,",
        "height & 0x3FFF,",
        ("tests/model/files/test_webp.py",),
    ),
    Mutant(
        "takes WebP pictures for whatever size they have",
        "model/files/opening/webp.py",
        "if not is_known or (across.value, down.value) != (width, height):",
        "if not is_known:",
        ("tests/model/files/test_webp.py",),
    ),
    Mutant(
        "reckons with TIFF as if it were decoded in place",
        _HEADER,
        "pixel_bytes=_tiff_bytes_out(samples) + (3.0 if samples == 1 else 4.0),",
        "pixel_bytes=3.0,",
        _MEMORY_TESTS,
    ),
    Mutant(
        "reckons with AVIF as if its planes took nothing",
        "model/files/headers/heif.py",
        "pixel_bytes=plane_bytes + channels + _COPY_BYTES + channels,",
        "pixel_bytes=channels,",
        _MEMORY_TESTS,
    ),
    Mutant(
        "reckons with JPEG 2000 as if its tiles took nothing",
        "model/files/headers/jpeg2000.py",
        "tiles * _TILE_BYTES",
        "0 * _TILE_BYTES",
        ("tests/model/files/headers/test_jpeg2000.py",),
    ),
    Mutant(
        "takes JPEG 2000 files for what the headers around them say",
        "model/files/headers/jpeg2000.py",
        "if header is None or (found.height, found.width) != header[:2]:",
        "if header is None:",
        ("tests/model/files/headers/test_jpeg2000.py",),
    ),
    Mutant(
        "lets a TIFF file's odd tags stand",
        _HEADER,
        "directory.changed(tag, values[tag]) for tag in directory.odd",
        "directory.changed(tag, values[tag]) for tag in directory.odd and ()",
        ("tests/model/files/test_tiff_kinds.py",),
    ),
    Mutant(
        "reckons with progressive JPEG as with any other",
        _JPEG,
        "coefficients = 0.0 if interleaved else _jpeg_coefficient_bytes(data, frame)",
        "coefficients = 0.0",
        _HEADER_TESTS,
    ),
    Mutant(
        "walks through headers of any number of parts",
        "model/files/headers/values.py",
        "MOST_PARTS = 1 << 16",
        "MOST_PARTS = 1 << 40",
        _HEADER_TESTS,
    ),
    Mutant(
        "skips any number of stray bytes in JPEG",
        _JPEG,
        "_STRAY_BYTES = 1 << 16",
        "_STRAY_BYTES = 1 << 40",
        _HEADER_TESTS,
    ),
    Mutant(
        "decodes JPEG files of any number of scans where nobody can stop it",
        _JPEG,
        "_MOST_SCANS = 32",
        "_MOST_SCANS = 1 << 40",
        ("tests/model/files",),
    ),
    Mutant(
        "takes PNG files whose chunks go beyond them",
        _HEADER,
        '    if kind != b"IEND" or offset > len(data):\n',
        '    if kind != b"IEND":\n',
        _HEADER_TESTS,
    ),
    Mutant(
        "takes TIFF files with tiles of any size",
        _HEADER,
        "max(width * height, _TIFF_TILE_PIXELS):",
        "1 << 60:",
        ("tests/model/files/headers/test_header.py", "tests/model/files/headers/test_tiff.py"),
    ),
    Mutant(
        "goes round and round in TIFF directories",
        "model/files/headers/tiff.py",
        '        if offset in seen:\n            raise ValueError("a directory comes a second time")\n',
        "",
        ("tests/model/files/headers/test_tiff.py",),
    ),
    Mutant(
        "decodes images of any number of pixels",
        "model/files/image.py",
        "    if width * height > limits.image_pixels:",
        "    if False:",
        ("tests/model/files/test_image.py",),
    ),
    Mutant(
        "loads weights of any checksum",
        "model/networks/manifest.py",
        "    if found != sha256:",
        "    if False:",
        ("tests/model/networks/test_manifest.py",),
    ),
)
