"""The memory for reading an image, estimated from its header before decoding.

The manifest states the memory of networks per pixel, headers that of decoding; the numbers were measured with `python
-m tests.benchmarks.memory.per_pixel`, which can also verify the sums below.
"""

from dataclasses import dataclass

from edgeocr.model.detection.detail import run_bytes
from edgeocr.model.files.headers.values import Header
from edgeocr.model.networks.manifest import Manifest
from edgeocr.model.options import Mode
from edgeocr.model.recognition.recogniser import BATCH_PIXELS, BUCKET_PIXELS, MAX_WIDTH

_REDUCTIONS = (1, 2, 4, 8)
_LEAST_REDUCED_SIDE = 1754
"""Longest side in pixels that is not reduced further: A4 at 150 dpi, where small print is still read well."""
_CROPS_SHARE = 4
"""Assumed maximum fraction of the page that the crops of a batch cover."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How an image is read, and the maximum memory for that, in addition to the image as sent.

    Attributes:
        reduction: divisor of its sides during decoding.
        finding_bytes: memory until its lines are detected.
        reading_bytes: memory from then on, of the page's own worker.
        batch_bytes: the part of it that each further worker needs for a batch.
    """

    reduction: int
    finding_bytes: int
    reading_bytes: int
    batch_bytes: int

    @property
    def peak_bytes(self) -> int:
        """The maximum over time."""
        return max(self.finding_bytes, self.reading_bytes)


def plan(header: Header, size_bytes: int, mode: Mode, manifest: Manifest, most_bytes: int) -> Plan:
    """The plan with the largest scale that fits into `most_bytes`, or with the smallest scale if none fits.

    The scale depends on nothing else, so that results are reproducible.

    Args:
        header: of the image.
        size_bytes: size of the image as sent.
        mode: page or line.
        manifest: of the networks.
        most_bytes: memory limit of one image.
    """
    made = _plan(header, size_bytes, mode, manifest, 1)
    for reduction in _REDUCTIONS[1:]:
        if made.peak_bytes <= most_bytes or not header.can_shrink or mode is Mode.LINE:
            break
        if max(header.width, header.height) < _LEAST_REDUCED_SIDE * reduction:
            break
        made = _plan(header, size_bytes, mode, manifest, reduction)
    return made


def batch_bytes(manifest: Manifest, columns: int) -> int:
    """Bytes of the costlier recogniser's run on this number of input columns, all lines together, without what it
    always keeps; they run one after the other."""
    return round(max(spec.run_bytes_per_pixel * spec.height for spec in manifest.recognisers) * columns)


def _plan(header: Header, size_bytes: int, mode: Mode, manifest: Manifest, reduction: int) -> Plan:
    width, height = -(-header.width // reduction), -(-header.height // reduction)
    # OpenCV needs a copy of the file.
    decoding = header.pixel_bytes * width * height + header.source_pixel_bytes * header.width * header.height
    decoding += size_bytes
    held = min(3.0, header.pixel_bytes) * width * height
    if mode is Mode.LINE:
        # If blank rows divide it, lines are detected as on a page.
        detecting = run_bytes(manifest.detector, width, height)
        widest = max(
            max(min(round(width * spec.height / height), MAX_WIDTH) + BUCKET_PIXELS, spec.min_width)
            for spec in manifest.recognisers
        )
        batch = float(batch_bytes(manifest, widest))
    else:
        detecting = run_bytes(manifest.detector, width, height)
        batch = batch_bytes(manifest, BATCH_PIXELS) + 3.0 * width * height / _CROPS_SHARE
        # Some lines are read to determine the orientation.
        detecting = max(detecting, batch)
    return Plan(reduction, round(max(decoding, held + detecting)), round(held + batch), round(batch))
