"""Does what is asked with a file, in whichever process this is; the entry that hostile files meet.

It runs where nothing else but files is opened, and loads neither arrays nor networks.
"""

from collections.abc import Callable

from edgeocr.model.files.opening import pdfium, raster
from edgeocr.model.files.opening.requests import Answer, CountPages, DecodeImage, DrawPage, LookAtPage, Request


def perform(request: Request, descriptor: int, pixels: memoryview, check: Callable[[], None] = lambda: None) -> Answer:
    """Does what is asked.

    Args:
        request: what is asked.
        descriptor: of the file.
        pixels: where pixels go, of `pixel_bytes(request)`.
        check: called now and then; what it raises ends the work.

    Raises:
        EdgeOcrError: the file is damaged, locked, or more than is read.
        MemoryError: there is no memory for it.
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
