"""The server's life: start, warm up, serve until a signal, drain, stop."""

import asyncio
import logging
import signal
import time
from importlib.metadata import version

from edgeocr.model.pipeline import Models
from edgeocr.server.admission import Admission
from edgeocr.server.config import OFF, Config
from edgeocr.server.cpus import usable_cpus
from edgeocr.server.doors import make_doors, open_doors
from edgeocr.server.errors import StartError
from edgeocr.server.grpc.info import info_message
from edgeocr.server.grpc.transport import GrpcTransport
from edgeocr.server.job_queue import JobQueue
from edgeocr.server.metrics import Metrics, MetricsEndpoint
from edgeocr.server.tracing import make_tracing
from edgeocr.server.watch import watch_workers
from edgeocr.server.workers import WorkerPool

_log = logging.getLogger(__name__)
_JOIN_SECONDS = 5.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def serve(config: Config) -> None:
    """Serves until SIGTERM or SIGINT, then drains; a second signal ends the process at once.

    Raises:
        BadModel: the weights are missing, altered or unusable.
        StartError: an address cannot be listened on, or what a setting names is missing or wrong.
    """
    started = time.monotonic()
    stop = _stop_on_signal()
    doors = make_doors(config)
    for door in open_doors(config):
        _log.warning("%s", door)
    metrics, queue = Metrics(), JobQueue(config.queue_images)
    models = Models.load(config.models)
    workers = config.workers or usable_cpus()
    pool = WorkerPool(workers, models, queue, metrics)
    release, model = version("edgeocr"), models.manifest.recogniser.file.name
    tracing = make_tracing(config.otlp_endpoint, release)
    metrics.observe_server(
        version=release,
        model=model,
        workers=workers,
        workers_busy=pool.busy,
        queue_length=queue.length,
        queue_bytes=queue.size_bytes,
    )
    admission = Admission(queue, config.limits, metrics)
    info = info_message(models.manifest, config, version=release, workers=workers)
    transport = GrpcTransport(admission, metrics, tracing, info, config.listen, doors)
    endpoint = _serve_metrics(metrics, config.metrics)
    address = await transport.start()
    pool.start()
    await transport.set_serving()
    where = f"metrics on port {endpoint.port}" if endpoint else "no metrics"
    _log.info(
        "serving on %s after %.1f s: %d workers, %s, model %s",
        address,
        time.monotonic() - started,
        workers,
        where,
        model,
    )
    watch = asyncio.create_task(watch_workers(pool.longest_seconds, config.stuck_seconds, transport.set_serving))
    await stop.wait()
    _let_signals_kill()
    watch.cancel()
    await _drain(config, transport, admission)
    queue.close()
    if not await asyncio.to_thread(pool.join, _JOIN_SECONDS):
        _log.warning("a worker did not stop within %g s", _JOIN_SECONDS)
    if endpoint is not None:
        endpoint.close()
    await asyncio.to_thread(tracing.close)
    _log.info("stopped")


async def _drain(config: Config, transport: GrpcTransport, admission: Admission) -> None:
    """Tells the world, waits for it to notice, then refuses new work and lets admitted work finish."""
    _log.info("draining: not serving any more")
    await transport.begin_drain()
    await asyncio.sleep(config.drain_delay_seconds)
    admission.close()
    if not await transport.drain(config.drain_seconds):
        _log.warning("calls were cut off: they took longer than %g s (drain_seconds)", config.drain_seconds)


def _stop_on_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _let_signals_kill() -> None:
    """From now on a signal ends the process at once, as it would without a handler."""
    for number in _SIGNALS:
        asyncio.get_running_loop().remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)


def _serve_metrics(metrics: Metrics, address: str) -> MetricsEndpoint | None:
    if address == OFF:
        return None
    host, _, port = address.rpartition(":")
    try:
        return metrics.serve(host.strip("[]"), int(port))
    except OSError as error:
        raise StartError(f"metrics: cannot listen on {address}: {error.strerror}") from None
