"""How a line's image is brought to the size that a network takes."""

import cv2
import numpy as np

from edgeocr.model.pixels import Pixels


def scaled_line(image: Pixels, width: int, height: int) -> Pixels:
    """An H×W×3 image at another size, in pixels. Shrinking a tall one by area keeps thin strokes that point sampling
    would lose.
    """
    method = cv2.INTER_AREA if image.shape[0] > 2 * height else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (width, height), interpolation=method), np.uint8)
