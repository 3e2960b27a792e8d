"""The common interface of output formats."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from edgeocr.client.streaming.results import ImageResult

ExistingText = Literal["skip", "redo", "refuse"]
"""What becomes of pages of a PDF file that have text: they are left as they are, get text where they show none and
lose what is not seen of theirs, or keep their file from being written."""


@dataclass(frozen=True, slots=True)
class PdfSettings:
    """Options of PDF output.

    Attributes:
        existing_text: what becomes of pages that have text.
        pdf_a: whether the file conforms to PDF/A-2b; only images can become one that does.
        deskew: whether pages made from images are set straight.
        language: of the text (BCP 47); where empty, Chinese is stated where most letters are, and else none.
        password: opens files that are encrypted.
    """

    existing_text: ExistingText = "skip"
    pdf_a: bool = False
    deskew: bool = False
    language: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of all formats, known before the first result.

    Attributes:
        several: whether there will be several images.
        formulas: whether cells may be formulas, see `edgeocr.results.tables.cell_text`.
        source: gives the file behind a result's key; asked once for each result. Raises OSError if it is not there.
        pdf: what PDF files are to be.
    """

    several: bool = False
    formulas: bool = False
    source: Callable[[str], bytes] = lambda path: Path(path).read_bytes()
    pdf: PdfSettings = PdfSettings()


class Writer(ABC):
    """Writes results to a file, which it leaves open."""

    reports_errors: ClassVar[bool] = False
    """Whether an image's error is in the output, and need not be reported elsewhere."""
    is_binary: ClassVar[bool] = False
    """Whether the file is one of bytes rather than text."""
    needs_files: ClassVar[bool] = False
    """Whether it is made of the images' own files."""
    needs_characters: ClassVar[bool] = False
    """Whether lines are to carry their characters."""
    suffix: ClassVar[str]
    """What the names of its files end with."""

    @abstractmethod
    def __init__(self, output: IO[Any], settings: Settings) -> None:
        """Takes the output."""

    @abstractmethod
    def write(self, result: "ImageResult[str]") -> None:
        """Writes one result; its key is the image's path.

        Raises:
            OcrError: the result is well, but cannot be written in this form.
            OSError: the output takes no more.
        """

    def take_remarks(self) -> Sequence[str]:
        """Remarks for people on the result that was written last."""
        return ()

    @abstractmethod
    def finish(self) -> None:
        """Writes the end of the output, and checks it if it can be read again.

        Raises:
            OSError: the output takes no more, or is not whole.
        """
