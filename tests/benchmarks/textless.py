"""Pictures without any text, drawn at random: textures, drawings, and what photographs are like."""

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.support.rendering import Pixels

WIDTH, HEIGHT = 960, 720
Randomness = np.random.Generator


def _coloured(grey: NDArray[np.floating], random: Randomness) -> Pixels:
    """Values of 0 to 1 as shades between two colours."""
    dark, bright = random.uniform(0, 110, 3), random.uniform(140, 255, 3)
    return (dark + np.clip(grey, 0, 1)[..., np.newaxis] * (bright - dark)).astype(np.uint8)


def _clouds(random: Randomness, power: float = 1.6) -> NDArray[np.floating]:
    """Noise whose detail falls off with its frequency, as that of photographs does."""
    down, across = np.fft.fftfreq(HEIGHT)[:, np.newaxis], np.fft.rfftfreq(WIDTH)
    strength = np.hypot(down, across) + 1 / WIDTH
    noise = np.fft.irfft2(np.fft.rfft2(random.standard_normal((HEIGHT, WIDTH))) / strength**power, (HEIGHT, WIDTH))
    return (noise - noise.min()) / np.ptp(noise)


def clouds(random: Randomness) -> Pixels:
    return _coloured(_clouds(random), random)


def rough_ground(random: Randomness) -> Pixels:
    return _coloured(_clouds(random, random.uniform(0.5, 1.1)), random)


def grain(random: Randomness) -> Pixels:
    cell = int(random.integers(1, 7))
    noise = random.random((-(-HEIGHT // cell), -(-WIDTH // cell)))
    return _coloured(np.kron(noise, np.ones((cell, cell)))[:HEIGHT, :WIDTH], random)


def dots(random: Randomness) -> Pixels:
    cell = int(random.integers(1, 5))
    noise = random.random((-(-HEIGHT // cell), -(-WIDTH // cell))) < random.uniform(0.2, 0.6)
    return _coloured(np.kron(noise, np.ones((cell, cell)))[:HEIGHT, :WIDTH], random)


def dithered_gradient(random: Randomness) -> Pixels:
    ordered = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16
    shade = np.add.outer(np.linspace(0, random.random(), HEIGHT), np.linspace(0, random.random(), WIDTH))
    return _coloured((shade > np.tile(ordered, (HEIGHT // 4, WIDTH // 4))).astype(float), random)


def grey_bars(random: Randomness) -> Pixels:
    """Bars of a form that a fax machine made dots of."""
    page = np.ones((HEIGHT, WIDTH))
    for top in range(40, HEIGHT - 60, int(random.integers(70, 120))):
        height, left = int(random.integers(16, 50)), int(random.integers(20, 300))
        bar = random.random((height, int(random.integers(200, 600)))) > random.uniform(0.25, 0.6)
        page[top : top + height, left : left + bar.shape[1]] = bar
    return _coloured(page, random)


def smooth_gradient(random: Randomness) -> Pixels:
    corners = random.uniform(0, 255, (2, 2, 3)).astype(np.float32)
    return cv2.resize(corners, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def stripes(random: Randomness) -> Pixels:
    angle, period = random.uniform(0, np.pi), random.uniform(4, 40)
    rows, columns = np.indices((HEIGHT, WIDTH))
    wave = np.sin((columns * np.cos(angle) + rows * np.sin(angle)) * 2 * np.pi / period)
    return _coloured((wave > random.uniform(-0.6, 0.6)).astype(float), random)


def weave(random: Randomness) -> Pixels:
    period = random.uniform(5, 24)
    rows, columns = np.indices((HEIGHT, WIDTH)) * 2 * np.pi / period
    return _coloured(0.5 + 0.25 * np.sin(rows) + 0.25 * np.sin(columns) + 0.2 * (_clouds(random) - 0.5), random)


def bricks(random: Randomness) -> Pixels:
    page = _coloured(0.6 + 0.3 * _clouds(random, 1.0), random)
    high = int(random.integers(18, 70))
    for row, top in enumerate(range(0, HEIGHT, high)):
        cv2.line(page, (0, top), (WIDTH, top), (210, 210, 205), 3)
        for left in range(high * (row % 2), WIDTH, 2 * high):
            cv2.line(page, (left, top), (left, top + high), (210, 210, 205), 3)
    return page


def barcode(random: Randomness) -> Pixels:
    page = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for top in range(60, HEIGHT - 120, 220):
        left = 80
        while left < WIDTH - 100:
            width = int(random.integers(1, 6))
            page[top : top + int(random.integers(118, 120)), left : left + width] = 0
            left += width + int(random.integers(1, 7))
    return cv2.GaussianBlur(page, (0, 0), random.uniform(0.3, 1.4)).astype(np.uint8)


def squares_code(random: Randomness) -> Pixels:
    page = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    cell, side = int(random.integers(4, 12)), int(random.integers(21, 45))
    code = np.kron(random.random((side, side)) < 0.5, np.ones((cell, cell)))[: HEIGHT - 80, : WIDTH - 80]
    page[40 : 40 + code.shape[0], 60 : 60 + code.shape[1]][code.astype(bool)] = 0
    return page


def chart(random: Randomness) -> Pixels:
    page = np.full((HEIGHT, WIDTH, 3), 250, np.uint8)
    for left in range(90, WIDTH - 60, int(random.integers(26, 80))):
        colour = random.integers(0, 220, 3).tolist()
        cv2.rectangle(
            page, (left, int(random.integers(80, HEIGHT - 100))), (left + 18, HEIGHT - 80), colour, cv2.FILLED
        )
    points = np.cumsum(random.normal(0, 18, (60, 2)), axis=0) + np.array([0, HEIGHT / 2])
    points[:, 0] = np.linspace(90, WIDTH - 60, 60)
    cv2.polylines(page, [points.astype(np.int32)], False, (40, 40, 200), 2)
    cv2.line(page, (80, HEIGHT - 80), (WIDTH - 40, HEIGHT - 80), (0, 0, 0), 2)
    cv2.line(page, (80, 40), (80, HEIGHT - 80), (0, 0, 0), 2)
    return page


def drawing(random: Randomness) -> Pixels:
    """Machine parts and paths."""
    page = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for _ in range(int(random.integers(15, 60))):
        x, y, size = (int(random.integers(60, most)) for most in (WIDTH - 60, HEIGHT - 60, 150))
        colour, thickness = random.integers(0, 120, 3).tolist(), int(random.integers(1, 5))
        match random.integers(4):
            case 0:
                cv2.circle(page, (x, y), size // 2, colour, thickness)
            case 1:
                cv2.rectangle(page, (x, y), (x + size, y + size // 2), colour, thickness)
            case 2:
                cv2.line(page, (x, y), (x + size, y - size), colour, thickness)
            case _:
                cv2.ellipse(page, (x, y), (size, size // 3), int(random.integers(180)), 0, 250, colour, thickness)
    return page


def leaves(random: Randomness) -> Pixels:
    page = _coloured(_clouds(random), random)
    for _ in range(900):
        x, y = int(random.integers(WIDTH)), int(random.integers(HEIGHT))
        axes = int(random.integers(6, 40)), int(random.integers(2, 9))
        shade = (np.array([40, 110, 50]) * random.uniform(0.4, 1.8)).clip(0, 255).tolist()
        cv2.ellipse(page, (x, y), axes, int(random.integers(180)), 0, 360, shade, cv2.FILLED)
    return page


def facade(random: Randomness) -> Pixels:
    page = _coloured(0.5 + 0.3 * _clouds(random), random)
    wide, high = int(random.integers(14, 60)), int(random.integers(18, 70))
    for top in range(30, HEIGHT - high, high + int(random.integers(8, 40))):
        for left in range(30, WIDTH - wide, wide + 16):
            shade = int(random.integers(10, 120))
            cv2.rectangle(page, (left, top), (left + wide, top + high), (shade, shade, shade), cv2.FILLED)
            cv2.line(page, (left + wide // 2, top), (left + wide // 2, top + high), (190, 190, 190), 2)
    return page


def faces(random: Randomness) -> Pixels:
    """Round shapes in soft light, as people and fruit are."""
    page = _coloured(_clouds(random, 2.0), random)
    for _ in range(int(random.integers(3, 12))):
        middle, radius = random.integers(80, HEIGHT - 80, 2), int(random.integers(40, 120))
        for step in range(radius, 0, -2):
            shade = (np.array([150, 180, 225]) * (1.1 - 0.6 * step / radius)).clip(0, 255).tolist()
            cv2.circle(page, (int(middle[0] * WIDTH / HEIGHT), int(middle[1])), step, shade, cv2.FILLED)
    return cv2.GaussianBlur(page, (0, 0), 1.5).astype(np.uint8)


def fence(random: Randomness) -> Pixels:
    page = _coloured(_clouds(random), random)
    step, thickness = int(random.integers(14, 60)), int(random.integers(2, 8))
    for offset in range(-HEIGHT, WIDTH, step):
        cv2.line(page, (offset, 0), (offset + HEIGHT, HEIGHT), (60, 60, 60), thickness)
        cv2.line(page, (offset + HEIGHT, 0), (offset, HEIGHT), (60, 60, 60), thickness)
    return page


def contours(random: Randomness) -> Pixels:
    """Lines of equal height, as on a map."""
    height = _clouds(random, 2.2) * int(random.integers(12, 40))
    return _coloured((np.abs(height - np.rint(height)) > 0.07).astype(float), random)


def scribbles(random: Randomness) -> Pixels:
    page = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for _ in range(int(random.integers(2, 7))):
        points = np.cumsum(random.normal(0, 26, (80, 2)), axis=0) + np.array([WIDTH / 2, HEIGHT / 2])
        cv2.polylines(page, [points.astype(np.int32)], False, random.integers(0, 160, 3).tolist(), 2, cv2.LINE_AA)
    return page


KINDS: dict[str, Callable[[Randomness], Pixels]] = {
    kind.__name__: kind
    for kind in (
        *(clouds, rough_ground, grain, dots, dithered_gradient, grey_bars, smooth_gradient, stripes, weave, bricks),
        *(barcode, squares_code, chart, drawing, leaves, facade, faces, fence, contours, scribbles),
    )
}


def pictures(count: int) -> Iterator[tuple[str, Pixels]]:
    """So many pictures, the kinds in turn; the same at each call."""
    for number in range(count):
        name = list(KINDS)[number % len(KINDS)]
        yield name, KINDS[name](np.random.default_rng(number))
