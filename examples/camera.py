"""Reads a camera's frames over one stream, and prints their text when it changes.

`python camera.py` takes the first camera, `python camera.py film.mp4` a file. Of a camera one frame a second is sent at
most; those in between are passed over.
"""

import os
import sys
import time
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

import edgeocr

PERIOD_SECONDS = 1.0


def frames(source: int | str) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Numbers and pixels of frames, one each period, until the camera ends."""
    camera = cv2.VideoCapture(source)
    number, due = 0, time.monotonic()
    while True:
        taken, frame = camera.read()
        if not taken:
            return
        number += 1
        if isinstance(source, str) or time.monotonic() >= due:
            due = time.monotonic() + PERIOD_SECONDS
            yield number, np.asarray(frame, np.uint8)


def main(source: int | str) -> None:
    """Prints the text of each frame that says something else than the one before."""
    last = None
    with edgeocr.Client(os.environ.get("EDGEOCR_TARGET", "127.0.0.1:50051")) as client:
        for result in client.read_many(frames(source)):
            text = str(result.error) if result.document is None else result.document.text
            if text != last:
                print(f"frame {result.key}: {text}", flush=True)
            last = text


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else 0)
