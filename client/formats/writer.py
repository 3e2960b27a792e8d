"""What every form of output has in common."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, ClassVar

from edgeocr.client.streaming.results import ImageResult


@dataclass(frozen=True, slots=True)
class Settings:
    """What the forms of output need to know before the first result.

    Attributes:
        several: whether there will be several images.
        formulas: whether cells may be formulas, see `edgeocr.client.tables.cell_text`.
    """

    several: bool = False
    formulas: bool = False


class Writer(ABC):
    """Writes results to a file, which it leaves open."""

    reports_errors: ClassVar[bool] = False
    """Whether an image's error is in the output, and need not be told otherwise."""
    is_binary: ClassVar[bool] = False
    """Whether the file is one of bytes rather than text."""
    needs_characters: ClassVar[bool] = False
    """Whether lines are to carry their characters."""

    @abstractmethod
    def __init__(self, output: IO[Any], settings: Settings) -> None:
        """Takes the output."""

    @abstractmethod
    def write(self, result: ImageResult[str]) -> None:
        """Writes one result; its key is the image's path.

        Raises:
            OcrError: the result is well, but cannot be written in this form.
            OSError: the output takes no more.
        """

    def take_remarks(self) -> Sequence[str]:
        """What people should know of the result that was written last."""
        return ()

    @abstractmethod
    def finish(self) -> None:
        """Writes what comes after the last result, and checks the whole where it can be read again.

        Raises:
            OSError: the output takes no more, or is not whole.
        """
