"""Licence plates of mainland China, read as GA 36-2018 spells them: a province, which is mostly a blur, a letter for
the city, and five or, of electric cars, six letters and digits without I and O; the last of five may be Han.

Where the likeliest path (`ctc.best_path`) spells nearly a plate, the likeliest path that spells one stands in its
place: Viterbi's algorithm (1967) through what may follow what on a plate.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

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
_LEAST_HAN = 0.5
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


class PlateGrammar:
    """Reads lines that spell nearly a plate as plates.

    Args:
        charset: the characters of classes 1, 2, …
    """

    def __init__(self, charset: Sequence[str]) -> None:
        self._charset = charset
        self._han = np.array([number for number, text in enumerate(charset, 1) if is_han(text)], np.intp)
        self._places = [
            np.array([number for number, text in enumerate(charset, 1) if text in set(place)], np.intp)
            for place in _PLACES
        ]
        self._is_spellable = all(map(len, self._places))
        self._states = _states(self._places)

    def is_near(self, path: Path) -> bool:
        """Whether a path spells nearly a plate, and none as it is."""
        classes = path.classes
        if not self._is_spellable or len(classes) > MOST_STEPS:
            return False
        read = [self._charset[one - 1] for before, one in pairwise([BLANK, *classes]) if one not in (BLANK, before)]
        text = "".join(read)
        if _PLATE.fullmatch(text):
            return False
        text = text.translate(_BETWEEN)
        return _NEARLY.fullmatch(text) is not None and sum(map(str.isdigit, text)) >= _LEAST_DIGITS

    def path(self, scores: NDArray[np.float32], path: Path) -> Path:
        """The likeliest path that spells a plate where this, which is near one, is hardly likelier; otherwise this.

        A character's probability is then that among those that may have its place.

        Args:
            scores: T×(1 + charset), before softmax.
            path: the likeliest path through them.
        """
        states = _likeliest(scores, self._states)
        if states is None:
            return path
        classes, places = self._states.classes[states], self._states.places[states]
        steps = np.flatnonzero((places == _PROVINCE) & (classes != BLANK))
        province = steps[scores[steps, classes[steps]].argmax()]
        behind = np.arange(len(classes)) >= (places == _CITY).argmax()
        lost = scores.max(1) - scores[np.arange(len(classes)), classes]
        weights = np.exp(scores[province] - scores[province].max())
        likely_han, likely_province = (
            weights[some].sum() / weights.sum() for some in (self._han, self._places[_PROVINCE])
        )
        if likely_han < _LEAST_HAN or likely_province < _LEAST_PROVINCE or lost[behind].sum() > _MOST_LOST:
            return path
        return self._plate(scores, classes, places)

    def _plate(self, scores: NDArray[np.float32], classes: NDArray[np.intp], places: NDArray[np.intp]) -> Path:
        allowed = np.full_like(scores, -np.inf)
        for step in np.flatnonzero(classes != BLANK):
            of_place = self._places[places[step]]
            allowed[step, of_place] = scores[step, of_place]
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
