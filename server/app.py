"""One server as a process: it runs until a signal ends it."""

import asyncio
import signal
from collections.abc import Callable

from edgeocr.server.lifecycle.background import start_threads
from edgeocr.server.server import Server
from edgeocr.server.settings.config import Config

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def serve(config: Config, reload_asked: Callable[[], bool] = lambda: False) -> bool:
    """Serves until SIGTERM or SIGINT, then drains; a second signal ends the process at once.

    Returns whether all that was admitted was answered, and every answer sent to its last byte.

    Args:
        config: the settings.
        reload_asked: whether SIGHUP came before there was anything to reload.

    Raises:
        ServerFault: it had to stop on its own, in order.
        BadModel: the weights are missing, altered or unusable.
        StartError: an address cannot be listened on, what a setting names is missing or wrong, or the memory budget is
            too small to read anything.
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
