"""How a page is divided among workers."""

import threading

from edgeocr.model.image import Mode
from tests.rendering import encoded, page
from tests.server.pool import Serving

LINES = [(f"Line {number} of a page", (40, 20 + 60 * number)) for number in range(16)]
PAGE = encoded(page(LINES, height=1000))


def batches(models, workers):
    serving = Serving(models, workers=workers)
    serving.pool.start()
    while serving.queue.idle() < workers:
        threading.Event().wait(0.001)
    job = serving.admit(PAGE, Mode.PAGE)
    assert len(serving.finished().pages[0].lines) == len(LINES)
    serving.queue.close()
    return job.trace.batches


def test_a_page_that_others_help_with_is_read_in_smaller_batches(models):
    alone, helped = batches(models, 1), batches(models, 2)
    assert sum(alone) == sum(helped) >= len(LINES)
    assert max(helped) < max(alone)
