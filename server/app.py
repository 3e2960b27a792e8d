"""Runs a server as a process until a signal stops it."""

import asyncio
import signal
from collections.abc import Callable

from edgeocr.server.lifecycle.background import start_threads
from edgeocr.server.server import Server
from edgeocr.server.settings.config import Config

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def serve(config: Config, reload_asked: Callable[[], bool] = lambda: False) -> bool:
    """Serves until SIGTERM or SIGINT, then drains; a second signal ends the process immediately.

    Returns whether every admitted image was answered and every answer sent completely.

    Args:
        config: the settings.
        reload_asked: whether SIGHUP arrived before there was anything to reload.

    Raises:
        ServerFault: the server stopped because of an internal fault.
        BadModel: the weights are missing, altered or unusable.
        StartError: an address is not available, something that a setting names is missing or invalid, or the memory
            budget is too small.
    """
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stopping.set)
    await start_threads()
    server = Server(config, stopping)
    loop.add_signal_handler(signal.SIGHUP, server.reload)
    if reload_asked():
        server.reload()
    await server.start()
    await server.serve()
    for number in _SIGNALS:
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
    return await server.stop()
