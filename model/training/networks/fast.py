"""The fast recogniser: PP-OCRv6 tiny's backbone, an LSTM in place of its neck's feed-forward network, and a head with
the accurate recogniser's charset.
"""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from edgeocr.model.training.networks.backbone import TINY
from edgeocr.model.training.networks.crnn import Crnn, RecurrentNeck, Replaced, stand_for
from edgeocr.model.training.networks.tiny import NEAR_STEPS, WIDTH, Tiny

_STEEPNESS = 0.85
"""A hard swish is nearly u·σ(0.85·u)."""

_RIDGE = 0.1


class FastNeck(RecurrentNeck):
    """Features N×160×T to the head's input N×T×80."""

    width = WIDTH

    def __init__(self, hidden: int) -> None:
        super().__init__()
        channels = TINY.features
        self.near = nn.Conv1d(channels, channels, NEAR_STEPS, padding=NEAR_STEPS // 2, groups=channels)
        self.lstm = nn.LSTM(channels, hidden, bidirectional=True, batch_first=True)
        self.out = nn.Linear(2 * hidden, WIDTH)

    def forward(self, features: Tensor) -> Tensor:
        """Turn features into the head's input."""
        result: Tensor = self.out(self.recurrent(features))
        return result

    def recurrent(self, features: Tensor) -> Tensor:
        """The LSTM's states, N×T×2·hidden."""
        states: Tensor = self.lstm(functional.hardswish(self.near(features)).transpose(1, 2))[0]
        return states

    def rounded(self, features: Tensor) -> dict[str, Tensor]:
        """The inputs of integer matrices."""
        states = self.recurrent(features)
        return {"neck.states": states, "head.input": self.out(states)}


Known = tuple[nn.Linear, Sequence[str]]
"""A head and the characters of its classes 1, 2, …"""


def from_tiny(tiny: Tiny, tiny_charset: Sequence[str], better: Known, charset: Sequence[str], hidden: int) -> Crnn:
    """Initialise a student with PP-OCRv6 tiny's weights, and an LSTM for one feed-forward network.

    Args:
        tiny: PP-OCRv6 tiny.
        tiny_charset: its characters.
        better: a head with the other characters, for `grown_head`.
        charset: the student's.
        hidden: units of each direction of the LSTM.

    Raises:
        ValueError: the charset has a character that neither knows.
    """
    neck = FastNeck(hidden)
    student = Crnn(copy.deepcopy(tiny.backbone), neck, len(charset) + 1)
    neck.near.load_state_dict(tiny.neck.near.state_dict())
    stand_for(Replaced(tiny.neck.widen, tiny.neck.narrow, torch.ones(TINY.features), _STEEPNESS), neck)
    student.head = grown_head((tiny.head, tiny_charset), better, charset)
    return student


@torch.no_grad()
def grown_head(head: Known, better: Known, charset: Sequence[str]) -> nn.Linear:
    """A head for a charset: its own rows where it has them; the others are the other head's rows, by a linear map that
    is fitted on the characters of both.

    Raises:
        ValueError: the charset has a character that neither head knows.
    """
    own, other = ({character: row for row, character in enumerate(known, 1)} for _, known in (head, better))
    unknown = [character for character in charset if character not in own and character not in other]
    if unknown:
        raise ValueError(f"neither head knows {unknown[:5]}")
    mine, theirs = (torch.cat((layer.weight, layer.bias[:, None]), 1) for layer, _ in (head, better))
    theirs = torch.cat((theirs, torch.ones(len(theirs), 1)), 1)
    shared = [character for character in charset if character in own and character in other]
    wanted = mine[[own[character] for character in shared]]
    given = theirs[[other[character] for character in shared]]
    fit = torch.linalg.solve(given.T @ given + _RIDGE * torch.eye(given.shape[1]), given.T @ wanted)
    rows = [mine[own[c]] if c in own else theirs[other[c]] @ fit for c in charset]
    result = nn.Linear(head[0].in_features, len(charset) + 1)
    both = torch.stack([mine[0], *rows])
    result.weight.copy_(both[:, :-1])
    result.bias.copy_(both[:, -1])
    return result
