"""The memory that reading an image takes, estimated from its header before anything is decoded.

Networks say in the manifest what a run takes for each pixel, and headers what decoding takes; these numbers were
measured with `python -m tests.benchmarks.memory_cost`, which measures them again and compares the sums below with them.
"""

from dataclasses import dataclass

from edgeocr.model.detection.detail import run_bytes
from edgeocr.model.files.headers.values import Header
from edgeocr.model.networks.manifest import Manifest
from edgeocr.model.options import Mode
from edgeocr.model.recognition.recogniser import BATCH_PIXELS, BUCKET_PIXELS, MAX_WIDTH

_REDUCTIONS = (1, 2, 4, 8)
_LEAST_REDUCED_SIDE = 1754
"""Longest side in pixels that a page keeps: A4 at 150 dots per inch, where small print still reads well."""
_CROPS_SHARE = 4
"""The crops of a batch are taken to cover no more than a quarter of their page."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How an image is read, and the maximum number of bytes held then, in addition to the image as sent.

    Attributes:
        reduction: by how much its sides are divided while it is decoded.
        finding_bytes: until its lines are found.
        reading_bytes: from then on, by the one worker whose page it is.
        batch_bytes: of that, by each further worker that helps with a batch.
    """

    reduction: int
    finding_bytes: int
    reading_bytes: int
    batch_bytes: int

    @property
    def peak_bytes(self) -> int:
        """Most at any time."""
        return max(self.finding_bytes, self.reading_bytes)


def plan(header: Header, size_bytes: int, mode: Mode, manifest: Manifest, most_bytes: int) -> Plan:
    """The plan at the largest scale that fits into `most_bytes`, or, if none does, the smallest one there is.

    The scale depends on nothing else, so that an image always reads alike.

    Args:
        header: of the image.
        size_bytes: of the image as sent.
        mode: page or line.
        manifest: of the networks that will read it.
        most_bytes: what reading one image may take.
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
    # OpenCV reads a copy of the file.
    decoding = header.pixel_bytes * width * height + header.source_pixel_bytes * header.width * header.height
    decoding += size_bytes
    held = min(3.0, header.pixel_bytes) * width * height
    if mode is Mode.LINE:
        # Where blank rows part what is on it, lines are looked for as on a page.
        detecting = run_bytes(manifest.detector, width, height)
        widest = max(
            max(min(round(width * spec.height / height), MAX_WIDTH) + BUCKET_PIXELS, spec.min_width)
            for spec in manifest.recognisers
        )
        batch = float(batch_bytes(manifest, widest))
    else:
        detecting = run_bytes(manifest.detector, width, height)
        batch = batch_bytes(manifest, BATCH_PIXELS) + 3.0 * width * height / _CROPS_SHARE
        # Some lines are read to find out how the page lies.
        detecting = max(detecting, batch)
    return Plan(reduction, round(max(decoding, held + detecting)), round(held + batch), round(batch))
