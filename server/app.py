"""The server's life: start, warm up, serve until a signal, drain, stop."""

import asyncio
import logging
import math
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from edgeocr.model.limits import Limits
from edgeocr.model.memory_plan import batch_bytes
from edgeocr.model.networks.manifest import RecogniserSpec
from edgeocr.model.pipeline import Models
from edgeocr.model.recognition.recogniser import BATCH_PIXELS
from edgeocr.proto.edgeocr.v1.ocr_pb2 import GetServerInfoResponse
from edgeocr.server.access.policy import exposures, make_access_policy
from edgeocr.server.access_log.log import open_access_log
from edgeocr.server.decoder.pool import DecoderPool
from edgeocr.server.errors import ServerFault, StartError
from edgeocr.server.extras import Web, load_web
from edgeocr.server.grpc.interceptors.intake import Intake
from edgeocr.server.grpc.interceptors.open_calls import CALL_BYTES
from edgeocr.server.grpc.interceptors.pending_reads import PendingReads
from edgeocr.server.grpc.messages.info import MESSAGE_ROOM_BYTES, info_message, limits_text, message_bytes
from edgeocr.server.grpc.server import Bounds, GrpcServer
from edgeocr.server.host.connections import most_connections
from edgeocr.server.host.cpus import usable_cpus
from edgeocr.server.host.heap import trim
from edgeocr.server.host.memory import budget_bytes, limit_bytes, machine_bytes, memory_bytes, resident_bytes
from edgeocr.server.lifecycle.background import Background, start_threads
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.lifecycle.reload import Reloading
from edgeocr.server.lifecycle.watchdog import LastResort, Watchdog, stuck_worker
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.monitor import LOOK_SECONDS, MemoryMonitor
from edgeocr.server.memory.reservation import Use
from edgeocr.server.memory.spool import MOST_FILES, open_spool
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.observing.metrics_at_scrape import observe_server
from edgeocr.server.observing.metrics_endpoint import MetricsEndpoint
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.queue import JobQueue
from edgeocr.server.scheduling.workers import WorkerPool
from edgeocr.server.settings.config import Config
from edgeocr.server.settings.setting_values import OFF, Size
from edgeocr.server.tracing.tracer import make_tracing

_log = logging.getLogger(__name__)
_JOIN_SECONDS = 5.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_RESERVE_BYTES = 16 << 20
"""What an idle process holds more once it has read some images: code, and holes in its heap."""
_MOST_RESERVE_SHARE = 0.25


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
    started = time.monotonic()
    stop = _stop_on_signal()
    await start_threads()
    access = make_access_policy(config)
    for door in exposures(config):
        _log.warning("%s", door)
    make_web = load_web(config)
    spool = None
    if config.spool_dir != OFF:
        spool = open_spool(Path(config.spool_dir), config.spool_bytes, config.spool_from_bytes)
    total_bytes = budget_bytes(config.memory_budget, limit_bytes(), machine_bytes())
    metrics, budget = Metrics(), Budget(total_bytes, spool_bytes=spool.most_bytes if spool else 0)
    queue = JobQueue(config.queue_images, budget, config.queue_seconds or math.inf)
    workers = config.workers or usable_cpus()
    release = version("edgeocr")
    tracing = make_tracing(config.otlp_endpoint, release)
    # The pool alone holds the models, so that they go when others come.
    decoders = DecoderPool(workers, budget.total_bytes, config.decode_seconds, metrics.decoder_restarted)
    models = Models.load(config.models)
    pool = WorkerPool(workers, models, queue, budget, metrics, decoders, least_confidence=config.least_confidence)
    del models
    limits = _settle(budget, pool.models.manifest.recogniser, config)
    metrics.describe_server(release, pool.models.manifest.recogniser.file.name)
    observe_server(
        metrics,
        workers=workers,
        workers_busy=pool.busy,
        queue_length=queue.length,
        queue_bytes=queue.size_bytes,
        memory=lambda: _memory(budget, decoders),
        decoders=decoders.count,
        admitted=budget.used_bytes,
        spool_bytes=budget.spool_bytes,
        file_reloads=access.file_reloads,
        certificate_end=access.certificate_end if access.certificates is not None else None,
    )
    admission = Admission(queue, budget, limits, pool.models.manifest, metrics, config.upload_seconds, spool)
    access_log = open_access_log(config.access_log, config.access_log_share, metrics)
    lifecycle = Lifecycle(tracing, access_log)
    reads = PendingReads(budget, message_bytes(limits.image_bytes))
    connections = most_connections(config.connections, 1 if make_web is None else 2, MOST_FILES if spool else 0)
    bounds = Bounds(
        connections=connections,
        open_calls=config.open_calls or budget.headroom_bytes // CALL_BYTES,
        idle_seconds=config.idle_seconds,
        answer_seconds=config.answer_seconds,
        connection_seconds=config.connection_seconds,
    )

    def describe() -> GetServerInfoResponse:
        return info_message(pool.models.manifest, config, limits, budget, version=release, workers=workers)

    transport = GrpcServer(
        admission,
        Intake(
            reads,
            budget,
            metrics,
            queue.check,
            message_seconds=min(config.upload_seconds, config.idle_seconds),
            idle_seconds=config.idle_seconds,
        ),
        lifecycle,
        metrics,
        describe,
        config.listen,
        access,
        bounds,
    )
    web = make_web(admission, lifecycle, metrics, access, config, release) if make_web else None

    def use(models: Models) -> None:
        admission.use(models.manifest)
        pool.use(models)
        metrics.describe_server(release, models.manifest.recogniser.file.name)

    reloading = Reloading(config.models, budget, metrics, use)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reloading.ask)
    if reload_asked():
        reloading.ask()
    endpoint = MetricsEndpoint(metrics, lifecycle, access)
    where = await _serve_metrics(endpoint, config.metrics)
    address = await transport.start()
    if web is not None:
        try:
            _log.info("the page is on %s", await web.start())
        except StartError:
            await transport.drain(0.0)
            raise
    pool.start()
    await transport.set_serving()
    _log.info(
        "serving on %s after %.1f s: %d workers, %s, model %s, %s of %s in use, %s",
        address,
        time.monotonic() - started,
        workers,
        where,
        pool.models.manifest.recogniser.file.name,
        f"{budget.base_bytes >> 20}MiB",
        Size(budget.total_bytes),
        f"large files in {config.spool_dir}" if spool else "no files on disk",
    )
    _log.info("limits: %s", limits_text(describe()))
    monitor = MemoryMonitor(budget, read=lambda: resident_bytes() + decoders.resident_bytes())
    watches, until_drained = Background(stop.set), Background(stop.set)
    stuck = stuck_worker(pool.longest_seconds, pool.longest_work, config.stuck_seconds)
    watchdog = Watchdog(config.stuck_seconds, transport.set_serving, stuck, monitor.complaint)
    watches.repeat("the watch over workers", watchdog.look)
    last_resort = LastResort(config.stuck_seconds, pool.longest_seconds, pool.longest_work, stop.set)
    watches.repeat("the last resort", last_resort.look)
    watches.repeat("reloading weights", reloading.once_asked)
    until_drained.repeat("the watch over memory", lambda: _look_at_memory(monitor))
    until_drained.repeat("the watch over messages that arrive", reads.look_and_rest)
    until_drained.repeat("the watch over connections", transport.look_at_connections)
    until_drained.repeat("the watch over the queue", lambda: _drop_late(admission, decoders))
    await stop.wait()
    _let_signals_kill()
    await watches.stop()
    finished = await _drain(config, transport, web, admission)
    await until_drained.stop()
    queue.close()
    if not await asyncio.to_thread(pool.join, _JOIN_SECONDS):
        _log.warning("a worker did not stop within %g s", _JOIN_SECONDS)
    await asyncio.to_thread(decoders.close)
    endpoint.close()
    if spool is not None:
        await asyncio.to_thread(spool.close)
    await asyncio.to_thread(tracing.close)
    await asyncio.to_thread(access_log.close)
    _log.info("stopped")
    if fault := watches.fault or until_drained.fault or last_resort.fault:
        raise ServerFault(fault)
    return finished


async def _look_at_memory(monitor: MemoryMonitor) -> None:
    await asyncio.sleep(LOOK_SECONDS)
    await asyncio.to_thread(monitor.look)


async def _drop_late(admission: Admission, decoders: DecoderPool) -> None:
    await asyncio.sleep(LOOK_SECONDS)
    admission.drop_late()
    decoders.look()


def _settle(budget: Budget, recogniser: RecogniserSpec, config: Config) -> Limits:
    """Measures what the process takes without an image, and returns what images may be from now on."""
    trim()
    base_bytes = resident_bytes()
    reserve_bytes = min(_RESERVE_BYTES, _MOST_RESERVE_SHARE * max(0, budget.total_bytes - base_bytes))
    budget.observe(base_bytes=base_bytes + round(reserve_bytes))
    least = batch_bytes(recogniser, BATCH_PIXELS)
    if budget.most_bytes(Use.RUNNING) < least:
        raise StartError(
            f"memory_budget: of {Size(budget.total_bytes)}, which is the setting or the control group's limit, "
            f"{base_bytes >> 20}MiB are in use before the first image, and the rest is too little to read one; "
            "allow more, or fewer workers"
        )
    limits = config.limits
    # A message and its copy must fit where messages arrive.
    most = max(1, budget.most_bytes(Use.ARRIVING) // 2 - MESSAGE_ROOM_BYTES)
    most_file_bytes = max(budget.most_file_bytes(use) for use in (Use.WAITING, Use.SPOOLED))
    file_bytes = max(1, min(limits.file_bytes, most_file_bytes))
    return replace(limits, image_bytes=min(limits.image_bytes, most), file_bytes=file_bytes)


def _memory(budget: Budget, decoders: DecoderPool) -> Mapping[str, int]:
    found = {"budget": budget.total_bytes, "base": budget.base_bytes, "unaccounted": budget.unaccounted_bytes}
    return {**memory_bytes(), **found, "decoders": decoders.resident_bytes()}


async def _drain(config: Config, transport: GrpcServer, web: Web | None, admission: Admission) -> bool:
    """Tells the world, waits for it to notice, then refuses new work and lets admitted work finish."""
    _log.info("draining: not serving any more")
    await transport.begin_drain()
    await asyncio.sleep(config.drain_delay_seconds)
    admission.close()
    transports = [transport] if web is None else [transport, web]
    finished = all(await asyncio.gather(*(one.drain(config.drain_seconds) for one in transports)))
    if not finished:
        _log.warning("calls were cut off: they took longer than %g s (drain_seconds)", config.drain_seconds)
    return finished


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


async def _serve_metrics(endpoint: MetricsEndpoint, address: str) -> str:
    """Serves metrics if configured; returns the address, for the log."""
    if address == OFF:
        return "no metrics"
    host, _, port = address.rpartition(":")
    try:
        return f"metrics on port {await endpoint.start(host.strip('[]'), int(port))}"
    except OSError as error:
        raise StartError(f"metrics: cannot listen on {address}: {error.strerror}") from None
