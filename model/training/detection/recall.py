"""Recall of detection: the share of a page's lines that is found, as polygons and as text.

A detector may split a line or merge two of the same row without harm to recognition, so both count as found, much as in
Wolf and Jolion 2006 (DetEval). Two rows as one, or a detection of a whole page, do not.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from edgeocr.model.training.evaluation.scoring import normalise

OVERLAP = 0.5
"""Minimum share of an area by which polygons match."""

TALLEST = 1.6
"""A detection this many times thicker than a line holds more than its row."""

EDITS = 0.1
"""Maximum edits per character of a line that counts as contained in a page's text."""

Outline = NDArray[np.float32]
"""N×2 corners of a convex polygon, x and y in pixels."""


@dataclass(frozen=True)
class TruthLine:
    """A line of a page: its outline and text."""

    outline: Outline
    text: str


@dataclass(frozen=True)
class TruthPage:
    """A page's image file and its lines."""

    path: Path
    lines: tuple[TruthLine, ...]


def read_pages(folder: Path) -> list[TruthPage]:
    """The pages of a folder, from its lines.json: a list of {"image", "lines": [{"polygon": [x, y, …], "text"}]}."""
    rows = json.loads((folder / "lines.json").read_text("utf-8"))
    return [
        TruthPage(
            folder / row["image"], tuple(TruthLine(outline(line["polygon"]), line["text"]) for line in row["lines"])
        )
        for row in rows
    ]


def outline(corners: ArrayLike) -> Outline:
    """The convex outline of corners given as x, y, x, y, … or in pairs."""
    points = np.asarray(corners, np.float32).reshape(-1, 2)
    return np.asarray(cv2.convexHull(points), np.float32).reshape(-1, 2)


def found(truths: Sequence[Outline], detections: Sequence[Outline]) -> list[bool]:
    """Which true lines were found.

    A line is found if a detection overlaps it (intersection over union), or if the detections that lie in it cover it
    together, or if a detection that lies in the page's lines and is no thicker than one row covers it; each by half.
    """
    if not len(detections):
        return [False] * len(truths)
    shared = _shared_areas(truths, detections)
    truth_areas = np.array([_area(truth) for truth in truths])[:, np.newaxis]
    areas = np.array([_area(detection) for detection in detections])
    matched = shared >= OVERLAP * (truth_areas + areas - shared)
    inside = shared >= OVERLAP * areas
    covered = (shared * inside).sum(1) >= OVERLAP * truth_areas[:, 0]
    of_lines = shared.sum(0) >= OVERLAP * areas
    truth_thickness = np.array([_thickness(truth) for truth in truths])[:, np.newaxis]
    one_row = np.array([_thickness(detection) for detection in detections]) <= TALLEST * truth_thickness
    merged = (shared >= OVERLAP * truth_areas) & of_lines & one_row
    return [bool(value) for value in matched.any(1) | covered | merged.any(1)]


def strays(truths: Sequence[Outline], detections: Sequence[Outline]) -> int:
    """How many detections lie mostly outside all lines."""
    if not len(detections) or not len(truths):
        return len(detections)
    areas = np.array([_area(detection) for detection in detections])
    return int((_shared_areas(truths, detections).sum(0) < OVERLAP * areas).sum())


def holds(page_text: str, line_text: str) -> bool:
    """Whether a page's text contains a line with at most one edit per ten characters, spaces, case and signs folded.

    The least edit distance to any part of the page is taken (Sellers 1980).
    """
    wanted = _folded(line_text)
    page = _codes(_folded(page_text))
    places = np.arange(len(page) + 1)
    row = np.zeros(len(page) + 1, int)
    for place, character in enumerate(_codes(wanted), start=1):
        replaced = row[:-1] + (page != character)
        row = np.concatenate(([place], np.minimum(replaced, row[1:] + 1)))
        # An insertion costs one a step: the least of what lies to the left, each with its distance.
        row = np.minimum.accumulate(row - places) + places
    return int(row.min()) <= math.floor(EDITS * len(wanted))


def order_distance(page_text: str, line_texts: Sequence[str]) -> float:
    """Distance of a page's text from its lines in reading order: edits per character of the longer text, 0–1."""
    read, wanted = _codes(_folded(page_text)), _codes(_folded("".join(line_texts)))
    places = np.arange(len(read) + 1)
    row = places
    for place, character in enumerate(wanted, start=1):
        row = np.concatenate(([place], np.minimum(row[:-1] + (read != character), row[1:] + 1)))
        row = np.minimum.accumulate(row - places) + places
    return float(row[-1]) / max(len(read), len(wanted), 1)


def _folded(text: str) -> str:
    return normalise(text).upper()


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


def _area(polygon: Outline) -> float:
    return max(float(cv2.contourArea(polygon)), 1e-6)


def _thickness(polygon: Outline) -> float:
    return float(min(cv2.minAreaRect(polygon)[1]))


def _shared_areas(truths: Sequence[Outline], detections: Sequence[Outline]) -> NDArray[np.float64]:
    """Truths × detections: the area in pixels that two polygons share."""
    shared = np.zeros((len(truths), len(detections)))
    lows = np.array([detection.min(0) for detection in detections])
    highs = np.array([detection.max(0) for detection in detections])
    for row, truth in zip(shared, truths, strict=True):
        near = ((lows < truth.max(0)) & (highs > truth.min(0))).all(1)
        for place in np.flatnonzero(near).tolist():
            row[place] = cv2.intersectConvexConvex(truth, detections[place])[0]
    return shared
