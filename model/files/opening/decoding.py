"""Runs requests on files, in any process; the entry point for hostile files.

It is imported by decoder processes, and loads neither NumPy nor ONNX Runtime.
"""

from collections.abc import Callable

from edgeocr.model.files.opening import pdfium, raster
from edgeocr.model.files.opening.requests import Answer, CountPages, DecodeImage, DrawPage, LookAtPage, Request


def perform(request: Request, descriptor: int, pixels: memoryview, check: Callable[[], None] = lambda: None) -> Answer:
    """Runs a request.

    Args:
        request: the request.
        descriptor: the file's descriptor.
        pixels: memory for the pixels, of `pixel_bytes(request)`.
        check: called periodically; its exceptions end the work.

    Raises:
        EdgeOcrError: the file is damaged, encrypted, or exceeds a limit.
        MemoryError: there is not enough memory.
    """
    match request:
        case CountPages(password=password):
            return pdfium.count_pages(descriptor, password)
        case LookAtPage():
            return pdfium.look(descriptor, request)
        case DrawPage():
            pdfium.draw(descriptor, request, pixels, check)
            return None
        case DecodeImage():
            return raster.decode(descriptor, request, pixels)
