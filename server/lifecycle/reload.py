"""Reloading weights without a stop: SIGHUP loads the folder again, and later jobs are read with its weights.

If anything is wrong with the new files, the server continues with those that it has.
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
"""What a loaded network takes, for each byte of its file: that, its weights, and what is made of them."""
_LOOK_SECONDS = 0.05

_log = logging.getLogger(__name__)


class Reloading:
    """Loads weights when asked to, once at a time."""

    def __init__(self, folder: Path, budget: Budget, metrics: Metrics, use: Callable[[Models], None]) -> None:
        """Takes where the weights are, and what puts new ones into use, in the event loop's thread."""
        self._folder = folder
        self._budget = budget
        self._metrics = metrics
        self._use = use
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Has the weights loaded soon; asked again meanwhile, they are loaded once more."""
        self._asked.set()

    async def once_asked(self) -> None:
        """Waits until it is asked, and loads once."""
        await self._asked.wait()
        self._asked.clear()
        await self._reload()

    async def _reload(self) -> None:
        _log.info("reloading %s", self._folder)
        try:
            self._use(await self._loaded())
        except BadModel as error:
            _log.error("the weights stay as they were: %s", error)
            self._metrics.reloaded("error")
        except Exception:
            _log.exception("the weights stay as they were")
            self._metrics.reloaded("error")
        else:
            _log.info("jobs are read with the new weights from now on")
            self._metrics.reloaded("ok")
        await asyncio.to_thread(trim)

    async def _loaded(self) -> Models:
        """New models, once there is room for them in addition to the old ones."""
        manifest = await asyncio.to_thread(load_manifest, self._folder)
        needed = _MEMORY_FACTOR * sum(file.file_bytes for file in manifest.files)
        # Taken at once, so that no further image starts; those that are read come to their end.
        with self._budget.hold(Use.RUNNING, needed):
            while self._budget.used_bytes()[Use.RUNNING] > max(self._budget.most_bytes(Use.RUNNING), needed):
                await asyncio.sleep(_LOOK_SECONDS)
            return await asyncio.to_thread(Models.load, self._folder)
