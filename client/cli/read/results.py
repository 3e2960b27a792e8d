"""Writing results to an output, and counting them."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from edgeocr.client.cli.messages import complain
from edgeocr.client.cli.output import Output, OutputError
from edgeocr.client.cli.read.progress import Progress
from edgeocr.client.errors import OcrError
from edgeocr.client.formats import Writer
from edgeocr.client.streaming.results import ImageResult
from edgeocr.errors import ReadingError


@dataclass
class Tally:
    """How many images were read and written, how many were not, and how many pages of the former were not."""

    read: int = 0
    failed: int = 0
    failed_pages: int = 0

    def summary(self, skipped: int) -> str:
        """The counts, including skipped files."""
        pages = f" ({self.failed_pages} pages of them failed)" if self.failed_pages else ""
        return f"{self.read} read{pages}, {self.failed} failed, {skipped} skipped"


def write_results(results: Iterator[ImageResult[str]], writer: Writer, output: Output, progress: Progress) -> Tally:
    """Writes results over the progress, errors to stderr where the format has no place for them.

    Raises:
        OutputError: the output cannot be written to; what was still to come is given up.
    """
    tally = Tally()
    with closing(progress):
        for result in results:
            with progress.away():
                written = _write(writer, result, output)
                for where, error in _errors(result):
                    if not writer.reports_errors:
                        complain(f"{where}: {error}")
            if result.document is not None and written:
                tally.read += 1
                tally.failed_pages += sum(page.error is not None for page in result.document.pages)
            else:
                tally.failed += 1
            progress.image(result.key)
    return tally


def finish(writer: Writer, output: Output) -> None:
    """Writes the end, and has the output take its place.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        writer.finish()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError.of(output.name, error) from None
    output.commit()


def _write(writer: Writer, result: ImageResult[str], output: Output) -> bool:
    """Whether the result could be written in this form."""
    try:
        writer.write(result)
    except OcrError as unwritten:
        complain(f"{result.key}: {unwritten}")
        return False
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError.of(output.name, error) from None
    for remark in writer.take_remarks():
        complain(f"{result.key}: {remark}")
    return True


def _errors(result: ImageResult[str]) -> Iterator[tuple[str, ReadingError]]:
    """The image's error, or those of its pages, and where they were."""
    if result.error is not None:
        yield result.key, result.error
    if result.document is not None:
        for page in result.document.pages:
            if page.error is not None:
                yield f"{result.key}, page {page.index + 1}", page.error
