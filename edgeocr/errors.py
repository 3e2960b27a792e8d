"""What all errors of reading have in common, wherever the reading is done."""


class ReadingError(Exception):
    """An image, a page or a document was not read.

    `edgeocr.client.OcrError` where a server was to read it, `edgeocr.model.errors.EdgeOcrError` where this process was.
    """

    retry_seconds: float | None = None
    """In how many seconds another attempt may succeed; None if none will."""

    @property
    def code_name(self) -> str:
        """The name of the canonical code (google.rpc.Code), such as INVALID_ARGUMENT."""
        raise NotImplementedError

    @property
    def message(self) -> str:
        """The text for people, without the code."""
        return str(self)
