"""Renders the sample images of the demonstration: `python -m tests.support.samples FOLDER`."""

import sys
from pathlib import Path

import cv2
import numpy as np

from edgeocr.server.doctor.self_test import TEXT
from tests.support.rendering import Pixels, encoded, line, page

RECEIPT = [
    ("HARBOUR STATIONERY", (200, 40)),
    ("42 Quay Street, Port Ellen", (160, 90)),
    ("TAX INVOICE  No. 2026-00417", (140, 160)),
    ("Notebook A5", (60, 240)),
    ("2 x 3.50", (360, 240)),
    ("7.00", (600, 240)),
    ("Fountain pen", (60, 290)),
    ("1 x 18.90", (360, 290)),
    ("18.90", (600, 290)),
    ("TOTAL", (60, 370)),
    ("25.90", (600, 370)),
    ("Thank you, come again!", (200, 450)),
]
NOTICE = [
    ("通知", (360, 40)),
    ("各位同事：", (60, 120)),
    ("本周五下午三点在二楼会议室召开项目会议，", (100, 180)),
    ("请携带设备清单和测试报告准时参加。", (60, 240)),
    ("联系电话：010-6275 1234", (60, 330)),
    ("办公室 2026年3月18日", (430, 420)),
]


def photographed(pixels: Pixels) -> Pixels:
    """The page as a camera would see it: slightly turned, unevenly lit, a little noisy."""
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 2.0, 0.96)
    turned = cv2.warpAffine(pixels, turn, (width, height), borderValue=(190, 200, 205))
    light = np.linspace(1.0, 0.72, width)[np.newaxis, :, np.newaxis]
    noise = np.random.default_rng(7).normal(0, 4, pixels.shape)
    return np.clip(turned * light + noise, 0, 255).astype(np.uint8)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "line.png").write_bytes(encoded(line(TEXT, margin=30)))
    (folder / "notice.jpg").write_bytes(encoded(photographed(page(NOTICE)), ".jpg"))
    (folder / "receipt.png").write_bytes(encoded(page(RECEIPT)))


if __name__ == "__main__":
    main()
