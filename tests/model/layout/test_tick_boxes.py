"""Frames in front of lines: which of them are tick boxes, and what becomes of the lines."""

import cv2
import numpy as np
import pytest

from edgeocr.model.contrast import AS_IT_IS
from edgeocr.model.layout.tick_boxes import with_boxes
from tests.support.rendering import page

TEXT = (90.0, 60.0), (240.0, 60.0), (240.0, 92.0), (90.0, 92.0)


def drawn(side=26, left=50, thickness=2, top=64):
    pixels = page([("已婚人士", (94, 56))], 400, 160)
    cv2.rectangle(pixels, (left, top), (left + side, top + side), (0, 0, 0), thickness)
    return pixels


def ticked(pixels):
    # As people tick: beyond the frame.
    cv2.line(pixels, (55, 78), (62, 88), (0, 0, 0), 3)
    cv2.line(pixels, (62, 88), (80, 58), (0, 0, 0), 3)
    return pixels


@pytest.mark.parametrize("side", [18, 26, 40])
@pytest.mark.parametrize("thickness", [1, 2, 3])
def test_a_frame_in_front_of_a_line_is_a_box_of_it(side, thickness):
    ((polygon, place, box),) = with_boxes(drawn(side, thickness=thickness), AS_IT_IS, [TEXT])
    assert place == 0
    assert polygon[0][0] == pytest.approx(50, abs=3)
    assert polygon[1:3] == TEXT[1:3]
    assert not box.is_ticked
    assert box.left == pytest.approx(0, abs=0.02)
    assert polygon[0][0] + box.right * (240 - polygon[0][0]) == pytest.approx(50 + side, abs=3)


def test_a_tick_may_reach_beyond_its_frame():
    ((_, _, box),) = with_boxes(ticked(drawn()), AS_IT_IS, [TEXT])
    assert box.is_ticked


def test_what_was_taken_for_a_line_and_is_the_box_is_gone():
    own = (48.0, 62.0), (78.0, 62.0), (78.0, 92.0), (48.0, 92.0)
    elsewhere = (48.0, 120.0), (78.0, 120.0), (78.0, 150.0), (48.0, 150.0)
    found = with_boxes(ticked(drawn()), AS_IT_IS, [own, TEXT, elsewhere])
    assert [place for _, place, _ in found] == [1, 2]


def test_of_many_lines_each_has_its_own_box():
    tall = np.vstack([ticked(drawn())] * 12)
    own = (48.0, 62.0), (78.0, 62.0), (78.0, 92.0), (48.0, 92.0)
    lines = [tuple((x, y + 160 * row) for x, y in polygon) for row in range(12) for polygon in (own, TEXT)]
    found = with_boxes(tall, AS_IT_IS, lines)
    assert [place for _, place, _ in found] == list(range(1, 24, 2))
    assert all(box.is_ticked for _, _, box in found)


def filled(pixels):
    pixels[64:90, 50:76] = 0
    return pixels


def ruled(pixels):
    cv2.rectangle(pixels, (24, 64), (50, 90), (0, 0, 0), 2)
    return pixels


def round_one(pixels):
    pixels[:, :85] = 255
    cv2.circle(pixels, (62, 77), 14, (0, 0, 0), 2)
    return pixels


@pytest.mark.parametrize("change", [filled, ruled, round_one], ids=["a bullet", "cells of a table", "a ring"])
def test_others_are_no_boxes(change):
    assert with_boxes(change(drawn()), AS_IT_IS, [TEXT]) == [(TEXT, 0, None)]


@pytest.mark.parametrize("place", [{"side": 70, "top": 40}, {"side": 8}, {"top": 110}, {"left": 200}])
def test_frames_of_another_size_or_place_are_no_boxes(place):
    assert with_boxes(drawn(**place), AS_IT_IS, [TEXT]) == [(TEXT, 0, None)]
