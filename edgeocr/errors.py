"""The common base of all errors of reading."""


class ReadingError(Exception):
    """An image, a page or a document was not read.

    It is an `edgeocr.client.OcrError` if a server reads, and an `edgeocr.model.errors.EdgeOcrError` in this process.
    """

    retry_seconds: float | None = None
    """When another attempt may succeed, in seconds; None if none will."""

    @property
    def code_name(self) -> str:
        """The name of the canonical code (google.rpc.Code), such as INVALID_ARGUMENT."""
        raise NotImplementedError

    @property
    def message(self) -> str:
        """The message, without the code."""
        return str(self)
