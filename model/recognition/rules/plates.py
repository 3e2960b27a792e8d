"""Licence plates of mainland China, read as GA 36-2018 spells them: a province, which is mostly a blur, a letter for
the city, and five or, of electric cars, six letters and digits without I and O; the last of five may be Han.

Where the likeliest path (`ctc.best_path`) spells nearly a plate, the likeliest path that spells one stands in its
place: Viterbi's algorithm (1967) through what may follow what on a plate.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.characters import is_han
from edgeocr.model.recognition import ctc
from edgeocr.model.recognition.ctc import BLANK, Path

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_LETTERS, _DIGITS, _USES, _DOTS = "ABCDEFGHJKLMNPQRSTUVWXYZ", "0123456789", "学警挂港澳", "·•."
_PROVINCE, _CITY, _DOT = range(3)
_PLACES = (PROVINCES, _LETTERS, _DOTS, *[_LETTERS + _DIGITS] * 4, _LETTERS + _DIGITS + _USES, _LETTERS + _DIGITS)
_ENDS = len(_PLACES) - 2, len(_PLACES) - 1
"""What is in each place, and in which a plate may end."""

_PLATE = re.compile(
    f"[{PROVINCES}][{_LETTERS}][{_DOTS}]?[{_LETTERS}{_DIGITS}]{{4}}([{_LETTERS}{_DIGITS}]{{1,2}}|[{_USES}])"
)
MOST_STEPS = 40
"""Longer lines are no plates: these are five times as long as high, at most."""
_NEARLY = re.compile(r"\S?[A-Za-z0-9]{5,8}[学警挂港澳]?[^\sA-Za-z0-9]?")
_BETWEEN = str.maketrans("", "", " ·•.-:：")
"""A line spells nearly a plate that is so without what its dot is read as."""
_LEAST_DIGITS = 2
_LEAST_HAN = 0.3
"""How likely any Han character is where the province stands, at least."""
_LEAST_PROVINCE = 0.01
"""How likely any province is there, at least."""
_MOST_LOST = 3.0
"""How much less likely the path behind the province may be than the likeliest one, as a difference of logarithms."""


class _States(NamedTuple):
    """Where a path through a plate may be: at a character of a place, or at a blank behind one.

    Attributes:
        classes: S, of each state.
        places: S, each one's place; of a blank that before it, -1 before the first.
        follows: S×S, 0 where the state of a column may follow that of a row, minus infinity elsewhere.
        begins: S, likewise those with which a path may begin.
        ends: S, likewise those with which it may end.
    """

    classes: NDArray[np.intp]
    places: NDArray[np.intp]
    follows: NDArray[np.float32]
    begins: NDArray[np.float32]
    ends: NDArray[np.float32]


class _Plate(NamedTuple):
    """The likeliest plate of T time steps.

    Attributes:
        classes: T, the class of each step.
        places: T, each one's place; of a blank that before it.
        province: the step at which the province is likeliest.
    """

    classes: NDArray[np.intp]
    places: NDArray[np.intp]
    province: int


def is_like_plate(text: str) -> bool:
    """Whether a text may be that of a plate of which a character or two are wrong or missing.

    Digits alone are none: with neither a province nor a city's letter they are an amount, a date or a number.
    """
    text = text.translate(_BETWEEN)
    return (
        _NEARLY.fullmatch(text) is not None
        and sum(map(str.isdigit, text)) >= _LEAST_DIGITS
        and any(map(str.isalpha, text))
    )


class PlateGrammar:
    """Reads lines that spell nearly a plate as plates.

    Args:
        charset: the characters of classes 1, 2, …
        leads: what is added to the scores of provinces once a line is known to be a plate: characters that are
            provinces stand in other texts too, some of them much oftener than others.

    Attributes:
        provinces: those that the charset has.
    """

    def __init__(self, charset: Sequence[str], leads: Mapping[str, float] = MappingProxyType({})) -> None:
        self._charset = charset
        self._is_han = np.array([False, *map(is_han, charset)])
        self._han, self._others = np.flatnonzero(self._is_han), np.flatnonzero(~self._is_han)
        numbers = {text: number for number, text in enumerate(charset, 1)}
        self._places = [
            np.array(sorted(numbers[text] for text in place if text in numbers), np.intp) for place in _PLACES
        ]
        self._is_spellable = all(map(len, self._places))
        self.provinces = tuple(charset[one - 1] for one in self._places[_PROVINCE])
        self._leads = np.array([leads.get(province, 0.0) for province in self.provinces], np.float32)
        self._states = _states(self._places)

    def is_near(self, path: Path) -> bool:
        """Whether a path spells nearly a plate, or one whose province is doubtful."""
        classes = path.classes
        if not self._is_spellable or len(classes) > MOST_STEPS:
            return False
        changes = [step for step, (before, one) in enumerate(pairwise([BLANK, *classes])) if one not in (BLANK, before)]
        text = "".join(self._charset[classes[step] - 1] for step in changes)
        if _PLATE.fullmatch(text):
            return bool(path.probabilities[changes[0]] < ctc.DOUBTFUL)
        return is_like_plate(text)

    def path(self, scores: NDArray[np.float32], path: Path) -> Path:
        """The likeliest path that spells a plate where this, which is near one, is hardly likelier; otherwise this.

        A character's probability is then that among those that may have its place.

        Args:
            scores: T×(1 + charset), before softmax.
            path: the likeliest path through them.
        """
        # The search takes far longer than to see that nothing stands where a province would.
        maybe = np.flatnonzero((path.probabilities < 1 - _LEAST_HAN) | self._is_han[path.classes])
        if not any(self._may_be_han(scores[step]) for step in maybe):
            return path
        plate = self._likeliest(scores)
        if plate is None:
            return path
        behind = np.arange(len(scores)) >= (plate.places == _CITY).argmax()
        lost = scores.max(1) - scores[np.arange(len(scores)), plate.classes]
        weights = np.exp(scores[plate.province] - scores[plate.province].max())
        likely_han, likely_province = (
            weights[some].sum() / weights.sum() for some in (self._han, self._places[_PROVINCE])
        )
        if likely_han < _LEAST_HAN or likely_province < _LEAST_PROVINCE or lost[behind].sum() > _MOST_LOST:
            return path
        return self._as_path(scores, plate)

    def _may_be_han(self, scores: NDArray[np.float32]) -> bool:
        """Whether the character of a time step may be Han, given its 1 + charset scores."""
        weights = cv2.exp(scores - scores.max()).ravel()
        whole = weights.sum()
        return bool(whole - weights[self._others].sum() >= _LEAST_HAN * whole)

    def province_scores(self, scores: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Those of `provinces`, before leads, where the likeliest plate has one; None where no plate has room.

        Args:
            scores: T×(1 + charset), before softmax.
        """
        plate = self._likeliest(scores)
        return None if plate is None else scores[plate.province, self._places[_PROVINCE]]

    def _likeliest(self, scores: NDArray[np.float32]) -> _Plate | None:
        states = _likeliest(scores, self._states)
        if states is None:
            return None
        classes, places = self._states.classes[states], self._states.places[states]
        steps = np.flatnonzero((places == _PROVINCE) & (classes != BLANK))
        return _Plate(classes, places, int(steps[scores[steps, classes[steps]].argmax()]))

    def _as_path(self, scores: NDArray[np.float32], plate: _Plate) -> Path:
        classes, provinces = plate.classes.copy(), self._places[_PROVINCE]
        allowed = np.full_like(scores, -np.inf)
        for step in np.flatnonzero(classes != BLANK):
            of_place = self._places[plate.places[step]]
            allowed[step, of_place] = scores[step, of_place]
            if plate.places[step] == _PROVINCE:
                allowed[step, provinces] += self._leads
        classes[(plate.places == _PROVINCE) & (classes != BLANK)] = allowed[plate.province].argmax()
        return ctc.path_through(allowed, classes)


def _states(places: Sequence[NDArray[np.intp]]) -> _States:
    """What may follow what: a class itself, a blank, another class of the next place; behind a blank any of that."""
    classes = np.concatenate([[BLANK], *(np.append(place, BLANK) for place in places)])
    of = np.concatenate([[-1], *(np.full(len(place) + 1, number) for number, place in enumerate(places))])
    is_blank = classes == BLANK
    is_next = of[np.newaxis] == of[:, np.newaxis] + 1
    is_next |= (of[:, np.newaxis] == _CITY) & (of[np.newaxis] == _DOT + 1)
    is_same = of[np.newaxis] == of[:, np.newaxis]
    differs = classes[np.newaxis] != classes[:, np.newaxis]
    may = np.eye(len(classes), dtype=bool) | (is_same & is_blank & differs) | (is_next & ~is_blank & differs)
    begins = is_blank & (of == -1) | (of == _PROVINCE) & ~is_blank
    ends = np.isin(of, _ENDS)
    follows, begun, ended = (np.where(allowed, 0.0, -np.inf).astype(np.float32) for allowed in (may, begins, ends))
    return _States(classes, of, follows, begun, ended)


def _likeliest(scores: NDArray[np.float32], states: _States) -> NDArray[np.intp] | None:
    """The states of the likeliest path through T×C scores, T of them; None where there are too few steps for one."""
    found = scores[:, states.classes]
    came = np.zeros(found.shape, np.intp)
    best = states.begins + found[0]
    for step in range(1, len(found)):
        ways = best[:, np.newaxis] + states.follows
        came[step] = ways.argmax(0)
        best = ways.max(0) + found[step]
    best += states.ends
    state = int(best.argmax())
    if best[state] == -np.inf:
        return None
    path = [state]
    for step in range(len(found) - 1, 0, -1):
        state = int(came[step, state])
        path.append(state)
    return np.array(path[::-1], np.intp)
