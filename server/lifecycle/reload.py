"""Reloading of weights without a restart: SIGHUP loads the folder again, and later jobs use the new weights.

If the new files are invalid, the server continues with the current weights.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from edgeocr.model.errors import BadModel
from edgeocr.model.networks.manifest import load_manifest
from edgeocr.model.pipeline import Models
from edgeocr.server.host.heap import trim
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use
from edgeocr.server.observing.metrics import Metrics

_MEMORY_FACTOR = 3
"""Memory per byte of a network's file: the file, its weights, and structures derived from them."""
_LOOK_SECONDS = 0.05

_log = logging.getLogger(__name__)


class Reloading:
    """Loads weights on request, one load at a time."""

    def __init__(self, folder: Path, budget: Budget, metrics: Metrics, use: Callable[[Models], None]) -> None:
        """Takes the folder of the weights, and a function that activates new ones, called in the event loop's
        thread."""
        self._folder = folder
        self._budget = budget
        self._metrics = metrics
        self._use = use
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Requests a load; a request during a load causes another one."""
        self._asked.set()

    async def once_asked(self) -> None:
        """Waits for a request, and loads once."""
        await self._asked.wait()
        self._asked.clear()
        await self._reload()

    async def _reload(self) -> None:
        _log.info("reloading %s", self._folder)
        try:
            self._use(await self._loaded())
        except BadModel as error:
            _log.error("the weights are unchanged: %s", error)
            self._metrics.reloaded("error")
        except Exception:
            _log.exception("the weights are unchanged")
            self._metrics.reloaded("error")
        else:
            _log.info("the new weights are in use")
            self._metrics.reloaded("ok")
        await asyncio.to_thread(trim)

    async def _loaded(self) -> Models:
        """Loads new models when there is room for them in addition to the old ones."""
        manifest = await asyncio.to_thread(load_manifest, self._folder)
        needed = _MEMORY_FACTOR * sum(file.file_bytes for file in manifest.files)
        # Reserved immediately, so that no further image starts while running ones finish.
        with self._budget.hold(Use.RUNNING, needed):
            while self._budget.used_bytes()[Use.RUNNING] > max(self._budget.most_bytes(Use.RUNNING), needed):
                await asyncio.sleep(_LOOK_SECONDS)
            return await asyncio.to_thread(Models.load, self._folder)
