"""A pool of decoder processes and small files for it."""

import time

from edgeocr.server.decoder.job_decoder import JobDecoder, Waiting
from edgeocr.server.decoder.pool import DecoderPool
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import page

BOOK = pdf([PdfPageSpec([("Page one", 40, 120)]), PdfPageSpec([("Page two", 40, 120)])])
PICTURE = page([("A picture", (60, 60))], 400, 150)
MEBIBYTE = 1 << 20


class Pool(DecoderPool):
    """A pool that knows why its processes were replaced."""

    def __init__(self, count=2, seconds=20.0):
        self.restarts = []
        super().__init__(count, 512 * MEBIBYTE, seconds, self.restarts.append)

    def decoder(self, caller="somebody", stream="", memory_bytes=48 * MEBIBYTE, check=lambda: None):
        return JobDecoder(self, caller, stream, check, lambda: memory_bytes)

    def ask(self, request, data, patches=(), **options):
        decoder = self.decoder(**options)
        while True:
            try:
                return decoder.decode(request, data, patches)
            except Waiting:
                while decoder.is_waiting():
                    self.look()
                    time.sleep(0.01)
