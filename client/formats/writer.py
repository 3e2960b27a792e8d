"""The common interface of output formats."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from edgeocr.client.streaming.results import ImageResult
    from edgeocr.results.document import Document

ExistingText = Literal["skip", "redo", "refuse"]
"""Pages of PDF files that have text: skip them, replace their invisible text, or refuse the file."""


@dataclass(frozen=True, slots=True)
class PdfSettings:
    """Options of PDF output.

    Attributes:
        existing_text: how pages of PDF files that have text are treated.
        pdf_a: whether the file conforms to PDF/A-2b, which only images can be converted to.
        deskew: whether pages made from images are straightened.
        language: of the text (BCP 47); if empty, Chinese if most letters are Chinese, else none.
        password: opens encrypted files.
    """

    existing_text: ExistingText = "skip"
    pdf_a: bool = False
    deskew: bool = False
    language: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of all formats, set before the first result.

    Attributes:
        several: whether there will be several images.
        formulas: whether cells may contain formulas, see `edgeocr.results.tables.cell_text`.
        source: returns the file for a result's key; called once for each result. Raises OSError if it does not exist.
        pdf: options of PDF output.
    """

    several: bool = False
    formulas: bool = False
    source: Callable[[str], bytes] = lambda path: Path(path).read_bytes()
    pdf: PdfSettings = PdfSettings()


class Writer(ABC):
    """Writes results to a file, which stays open."""

    reports_errors: ClassVar[bool] = False
    """Whether the output contains errors, which then need not be reported elsewhere."""
    is_binary: ClassVar[bool] = False
    """Whether the output is bytes rather than text."""
    needs_files: ClassVar[bool] = False
    """Whether the output contains the images' own files."""
    needs_characters: ClassVar[bool] = False
    """Whether lines must carry their characters."""
    suffix: ClassVar[str]
    """Suffix of output files."""

    def __init__(self, output: IO[Any], settings: Settings) -> None:
        """Takes the output."""
        self._output = output
        self._settings = settings

    @abstractmethod
    def write(self, result: "ImageResult[str]") -> None:
        """Writes one result; its key is the image's path.

        Raises:
            OcrError: the result cannot be written in this format.
            OSError: the output cannot be written.
        """

    def take_remarks(self) -> Sequence[str]:
        """Returns and forgets remarks for people on the last result."""
        return ()

    def finish(self) -> None:  # noqa: B027  # most formats have no end
        """Writes the end of the output, if it has one, and verifies it if it can be read back.

        Raises:
            OSError: the output cannot be written, or is incomplete.
        """


class DocumentWriter(Writer):
    """Writes documents, and leaves out images that were not read."""

    def write(self, result: "ImageResult[str]") -> None:
        """Writes the document, if there is one."""
        if result.document is not None:
            self._write_document(result.key, result.document)

    @abstractmethod
    def _write_document(self, path: str, document: "Document") -> None:
        """Writes the pages of an image; see `write` for errors."""
