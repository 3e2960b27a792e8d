"""Augmentation of training lines: ink and paper, and the distortions and losses of print, cameras and scanners.

Every function takes a seeded generator and images as H×W×3 uint8 BGR, or masks as H×W float32 with ink at 1.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.training.data.text import Rng

Image = NDArray[np.uint8]
Mask = NDArray[np.float32]


def field(rng: Rng, height: int, width: int, cells: int) -> Mask:
    """Draw a smooth random field of 0–1: shadows, stains, uneven ink."""
    coarse = rng.random((max(2, cells), max(2, cells * width // max(height, 1) // 2))).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def colours(rng: Rng, look: str) -> tuple[Mask, Mask]:
    """Choose colours of paper and ink (BGR, 0–255) with enough contrast to be read."""
    if look == "page" or look == "receipt":
        paper = np.float32(rng.uniform(215 if look == "page" else 190, 256)) + rng.normal(0, 5, 3)
        if rng.random() < 0.4:
            paper = np.full(3, 255.0)
        if rng.random() < 0.25:
            paper = paper * rng.uniform([0.6, 0.8, 0.85], [0.95, 1, 1])  # yellowed
        ink = np.full(3, rng.uniform(0, 70 if look == "page" else 120)) + rng.normal(0, 8, 3)
        if rng.random() < 0.15:
            ink, paper = rng.uniform(0, 160, 3), rng.uniform(180, 256, 3)
    else:
        paper, ink = rng.uniform(0, 256, 3), rng.uniform(0, 256, 3)
        wanted = rng.uniform(45, 160)
        weights = np.array([0.114, 0.587, 0.299])
        gap = float((paper - ink) @ weights)
        if abs(gap) < wanted:
            sign = np.sign(gap) or 1.0
            paper, ink = paper + sign * (wanted - abs(gap)) / 2, ink - sign * (wanted - abs(gap)) / 2
    if look == "page" and rng.random() < 0.06:
        paper, ink = ink, paper
    return np.clip(paper, 0, 255).astype(np.float32), np.clip(ink, 0, 255).astype(np.float32)


def plate_colours(rng: Rng, characters: int) -> tuple[Mask, Mask]:
    """White on blue, black on yellow, black on green (new energy, eight characters), white on black, in any light."""
    if characters >= 8:
        paper, ink = np.array([140.0, 210, 120]), np.array([20.0, 30, 20])
    else:
        kind = rng.random()
        paper = np.array([170.0, 70, 20] if kind < 0.8 else [30.0, 170, 220] if kind < 0.92 else [30.0, 30, 30])
        ink = np.array([20.0, 20, 20] if 0.8 <= kind < 0.92 else [240.0, 240, 235])
    light = rng.uniform(0.4, 1.15)
    haze = rng.uniform(0, 40)
    paper = paper * rng.uniform(0.7, 1.2, 3) * light + haze
    ink = (ink * light + haze) * rng.uniform(0.75, 1.0)
    return np.clip(paper, 0, 255).astype(np.float32), np.clip(ink, 0, 255).astype(np.float32)


def wear(rng: Rng, ink: Mask) -> Mask:
    """Thicken or thin the ink, let it fade in places, break it into dots as thermal printers do."""
    choice = rng.random()
    kernel = np.ones((2, 2), np.uint8)
    if choice < 0.1:
        ink = np.asarray(cv2.dilate(ink, kernel), np.float32)
    elif choice < 0.17:
        ink = 0.5 * ink + 0.5 * np.asarray(cv2.erode(ink, kernel), np.float32)
    elif choice < 0.3:
        ink = ink * np.clip(0.45 + field(rng, ink.shape[0], ink.shape[1], 4), 0, 1)
    elif choice < 0.38:
        ink = ink * (rng.random(ink.shape) > rng.uniform(0.02, 0.25))
    elif choice < 0.44:
        period = int(rng.integers(3, 6))
        ink = ink.copy()
        ink[::period] *= rng.uniform(0.2, 0.8)
        if rng.random() < 0.5:
            ink[:, ::period] *= rng.uniform(0.2, 0.8)
    return np.asarray(ink, np.float32)


def compose(rng: Rng, ink: Mask, paper_colour: Mask, ink_colour: Mask, look: str) -> Image:
    """Compose ink and paper: flat, shaded, textured, or over a random background."""
    height, width = ink.shape
    paper = np.broadcast_to(paper_colour, (height, width, 3)).astype(np.float32)
    if rng.random() < (0.7 if look == "scene" else 0.3):
        shade = field(rng, height, width, int(rng.integers(2, 4)))[..., None] - 0.5
        paper = paper * (1 + shade * rng.uniform(0.05, 0.35))
    if rng.random() < (0.3 if look == "scene" else 0.06):
        texture = field(rng, height, width, int(rng.integers(6, 24)))[..., None] - 0.5
        paper = paper + texture * rng.uniform(10, 60) * rng.uniform(0.3, 1, 3).astype(np.float32)
    alpha = ink[..., None]
    if look == "scene" and rng.random() < 0.25:  # an outline or a shadow of another colour
        shift = rng.integers(-3, 4, 2)
        halo = cv2.dilate(ink, np.ones((3, 3), np.uint8)) if rng.random() < 0.5 else np.roll(ink, tuple(shift), (0, 1))
        paper = paper * (1 - halo[..., None]) + rng.uniform(0, 256, 3).astype(np.float32) * halo[..., None]
    image = paper * (1 - alpha) + ink_colour * alpha
    return np.clip(image, 0, 255).astype(np.uint8)


def warp(rng: Rng, ink: Mask, strength: float) -> Mask:
    """Apply rotation, shear and perspective; strength is a share of the height."""
    height, width = ink.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    shift = rng.uniform(-strength, strength, (4, 2)).astype(np.float32) * height
    shift[:, 0] *= 0.7
    matrix = cv2.getPerspectiveTransform(corners, corners + shift)
    return np.asarray(cv2.warpPerspective(ink, matrix, (width, height), flags=cv2.INTER_LINEAR), np.float32)


def bend(rng: Rng, ink: Mask) -> Mask:
    """Curve the baseline, as near a book's spine or on a bottle."""
    height, width = ink.shape
    x = np.arange(width, dtype=np.float32)
    wave = np.sin(x / width * np.pi * rng.uniform(0.6, 2) + rng.uniform(0, 6.3)) * rng.uniform(0.03, 0.1) * height
    map_x = np.broadcast_to(x, (height, width)).astype(np.float32)
    map_y = (np.arange(height, dtype=np.float32)[:, None] + wave).astype(np.float32)
    return np.asarray(cv2.remap(ink, map_x, map_y, cv2.INTER_LINEAR), np.float32)


def bad_light(rng: Rng, image: Image) -> Image:
    """Degrade to 8–22 pixels' height with noise: far away, in the dark, in motion or out of focus."""
    height, width = image.shape[:2]
    low = rng.uniform(11, 28) / height
    small = cv2.resize(image, (max(6, round(width * low)), max(6, round(height * low))), interpolation=cv2.INTER_AREA)
    way = rng.random()
    if way < 0.3:
        size = int(rng.integers(2, 6))
        kernel = np.zeros((size, size), np.float32)
        end = size - 1
        cv2.line(kernel, (0, int(rng.integers(size))), (end, int(rng.integers(size))), 1.0)
        small = cv2.filter2D(small, -1, kernel / max(kernel.sum(), 1))
    elif way < 0.7:
        small = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.4, 1.5))
    seen = small.astype(np.float32)
    if rng.random() < 0.55:  # little light, or haze: contrast goes
        middle = float(seen.mean())
        seen = (seen - middle) * rng.uniform(0.35, 0.95) + middle * rng.uniform(0.2, 1.1)
    seen = seen + rng.standard_normal(seen.shape, dtype=np.float32) * rng.uniform(0, 7)
    seen = np.clip(seen, 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        seen = cv2.imdecode(cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 95))])[1], 1)
    size_pixels = (max(8, round(width * 48 / height)), 48)
    return np.asarray(cv2.resize(np.asarray(seen), size_pixels, interpolation=cv2.INTER_LINEAR), np.uint8)


def turn(rng: Rng, ink: Mask, degrees: float) -> Mask:
    """Rotate a line about its centre on a canvas that holds all of it."""
    height, width = ink.shape
    angle = np.deg2rad(rng.uniform(-degrees, degrees))
    sine, cosine = abs(np.sin(angle)), abs(np.cos(angle))
    wide, tall = int(width * cosine + height * sine) + 2, int(width * sine + height * cosine) + 2
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(np.rad2deg(angle)), 1.0)
    matrix[:, 2] += (wide - width) / 2, (tall - height) / 2
    return np.asarray(cv2.warpAffine(ink, matrix, (wide, tall), flags=cv2.INTER_LINEAR), np.float32)


def arc(rng: Rng, ink: Mask) -> Mask:
    """Set a line on an arc, open below or above, as on seals and round signs, on a canvas that holds all of it."""
    height, width = ink.shape
    span = rng.uniform(0.5, 1.9)
    radius = max(width / span, 0.8 * height)
    half = width / radius / 2
    inner, outer = radius - height / 2, radius + height / 2
    tall, wide = int(outer - inner * np.cos(half)) + 2, 2 * int(outer * np.sin(min(half, np.pi / 2))) + 2
    y, x = np.mgrid[:tall, :wide].astype(np.float32)
    x, y = x - wide / 2, outer - y
    map_x = np.arctan2(x, y) * radius + width / 2
    map_y = outer - np.hypot(x, y)
    if rng.random() < 0.4:
        map_x, map_y = map_x[::-1], height - 1 - map_y[::-1]
    bent = cv2.remap(ink, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(bent, np.float32)


def degrade(rng: Rng, image: Image, hard: float, scanned: bool = True) -> Image:
    """Degrade as cameras, scanners and compression do: blur, resolution, grey levels, JPEG; hard is 0–1."""
    height, width = image.shape[:2]
    if rng.random() < 0.3 + 0.4 * hard:
        small = rng.uniform(0.35 if hard > 0.5 else 0.5, 0.95)
        way = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_NEAREST)[int(rng.choice(3, p=[0.5, 0.42, 0.08]))]
        size_pixels = (max(8, int(width * small)), max(8, int(height * small)))
        image = np.asarray(cv2.resize(image, size_pixels, interpolation=way), np.uint8)
    if rng.random() < 0.25 + 0.35 * hard:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 0.8 + 0.8 * hard)), np.uint8)
    elif rng.random() < 0.12 * (1 + hard):
        size = int(rng.integers(2, 5))
        kernel = np.zeros((size, size), np.float32)
        kernel[(size // 2, slice(None)) if rng.random() < 0.6 else (slice(None), size // 2)] = 1 / size
        image = np.asarray(cv2.filter2D(image, -1, kernel), np.uint8)
    if rng.random() < 0.35 + 0.3 * hard:
        noise = rng.standard_normal((*image.shape[:2], 1 if rng.random() < 0.6 else 3), dtype=np.float32)
        image = np.clip(image + noise * rng.uniform(2, 8 + 14 * hard), 0, 255).astype(np.uint8)
    if rng.random() < 0.1:  # sharpened, as scanners and phones do
        image = np.clip(image * 1.7 - cv2.GaussianBlur(image, (0, 0), 1.2) * 0.7, 0, 255).astype(np.uint8)
    if scanned and rng.random() < 0.12 and hard < 0.5:  # a bilevel or grey scan
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        if rng.random() < 0.5:
            grey = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]
        image = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
    if rng.random() < 0.4 + 0.2 * hard:
        quality = int(rng.integers(25, 95))
        image = np.asarray(cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1))
    return np.asarray(image, np.uint8)
