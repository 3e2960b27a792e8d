"""The server: its parts, and its lifecycle from start to stop."""

import asyncio
import logging
import math
import time
from collections.abc import Mapping
from importlib.metadata import version

from edgeocr.model.pipeline import Models
from edgeocr.proto.edgeocr.v1.ocr_pb2 import GetServerInfoResponse
from edgeocr.server.access.policy import exposures, make_access_policy
from edgeocr.server.access_log.log import open_access_log
from edgeocr.server.decoder.confinement import lacking
from edgeocr.server.decoder.pool import DecoderPool
from edgeocr.server.errors import ServerFault, StartError
from edgeocr.server.extras import load_web
from edgeocr.server.grpc.interceptors.intake import Intake
from edgeocr.server.grpc.interceptors.open_calls import CALL_BYTES
from edgeocr.server.grpc.interceptors.pending_reads import PendingReads
from edgeocr.server.grpc.messages.info import MESSAGE_ROOM_BYTES, info_message, limits_text, message_bytes
from edgeocr.server.grpc.server import Bounds, GrpcServer
from edgeocr.server.host.connections import most_connections
from edgeocr.server.host.cpus import usable_cpus
from edgeocr.server.host.memory import budget_bytes, limit_bytes, machine_bytes, memory_bytes, resident_bytes
from edgeocr.server.inference.model import InferenceModel
from edgeocr.server.lifecycle.background import Background
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.lifecycle.reload import Reloading
from edgeocr.server.lifecycle.watchdog import LastResort, Watchdog, stuck_worker
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.monitor import LOOK_SECONDS, MemoryMonitor
from edgeocr.server.memory.settling import settle
from edgeocr.server.memory.spool import MOST_FILES, open_spool
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.observing.metrics_at_scrape import Readings, observe_server
from edgeocr.server.observing.metrics_endpoint import MetricsEndpoint
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.queue import JobQueue
from edgeocr.server.scheduling.workers import WorkerPool
from edgeocr.server.settings.config import Config
from edgeocr.server.settings.setting_values import Size
from edgeocr.server.tracing.tracer import make_tracing

_log = logging.getLogger(__name__)
_JOIN_SECONDS = 5.0


class Server:
    """All parts of the server on one event loop; call `start`, `serve` and `stop` once each, in this order."""

    def __init__(self, config: Config, stopping: asyncio.Event) -> None:
        """Makes all parts and loads the weights, without listening or starting threads.

        Args:
            config: the settings.
            stopping: set when the server should stop; the server sets it after a fault.

        Raises:
            BadModel: the weights are missing, altered or unusable.
            StartError: something that a setting names is missing or invalid, or the memory budget is too small.
        """
        self._started = time.monotonic()
        self._config, self._stopping = config, stopping
        self._release = version("edgeocr")
        self._access = make_access_policy(config)
        for exposure in exposures(config):
            _log.warning("%s", exposure)
        # Everything that takes memory is loaded before it is measured.
        make_web = load_web(config)
        self._spool = None
        if config.spool_dir is not None:
            self._spool = open_spool(config.spool_dir, config.spool_bytes, config.spool_from_bytes)
        self._metrics = Metrics()
        self._budget = Budget(
            budget_bytes(config.memory_budget, limit_bytes(), machine_bytes()),
            spool_bytes=self._spool.most_bytes if self._spool else 0,
        )
        self._queue = JobQueue(config.queue_images, self._budget, config.queue_seconds or math.inf)
        self._workers = config.workers or usable_cpus()
        self._tracing = make_tracing(config.otlp_endpoint, self._release)
        for missing in lacking():
            _log.warning("files are opened without %s, which this machine does not support", missing)
        self._decoders = DecoderPool(
            self._workers, self._budget.total_bytes, config.decode_seconds, self._metrics.decoder_restarted
        )
        # Only the pool refers to the models, so that they are freed when replaced.
        self._pool = WorkerPool(
            self._workers,
            Models.load(config.models),
            self._queue,
            self._budget,
            self._metrics,
            self._decoders,
            config.reader_settings,
        )
        manifest = self._pool.models.manifest
        self._limits = settle(self._budget, manifest, config.limits, MESSAGE_ROOM_BYTES)
        self._admission = Admission(
            self._queue, self._budget, self._limits, manifest, self._metrics, config.upload_seconds, self._spool
        )
        self._access_log = open_access_log(config.access_log, config.access_log_share, self._metrics)
        self._lifecycle = Lifecycle(self._tracing, self._access_log)
        self._reads = PendingReads(self._budget, message_bytes(self._limits.image_bytes))
        self._inference = InferenceModel(self._release, self._admission, self._metrics, config.stream_images)
        self._grpc = self._make_grpc(transports=1 if make_web is None else 2)
        self._web = None
        if make_web is not None:
            self._web = make_web(self._admission, self._lifecycle, self._metrics, self._access, self._inference)
        self._endpoint = MetricsEndpoint(self._metrics, self._lifecycle, self._access)
        self._reloading = Reloading(config.models, self._budget, self._metrics, self._use)
        self._monitor = MemoryMonitor(self._budget, read=lambda: resident_bytes() + self._decoders.resident_bytes())
        self._last_resort = LastResort(
            config.stuck_seconds, self._pool.longest_seconds, self._pool.longest_work, stopping.set
        )
        self._until_stopping, self._until_drained = Background(stopping.set), Background(stopping.set)
        self._observe()

    def reload(self) -> None:
        """Requests a reload of the weights."""
        self._reloading.ask()

    async def start(self) -> None:
        """Starts listening and serving.

        Raises:
            StartError: an address is not available.
        """
        where = await self._serve_metrics()
        await self._set_serving(False)
        address = await self._grpc.start()
        if self._web is not None:
            try:
                _log.info("the page is on %s", await self._web.start())
            except StartError:
                await self._grpc.stop()
                raise
        self._pool.start()
        await self._set_serving(True)
        _log.info(
            "serving on %s after %.1f s: %d workers, %s, model %s, %s of %s in use, %s",
            address,
            time.monotonic() - self._started,
            self._workers,
            where,
            self._pool.models.manifest.recogniser.file.name,
            f"{self._budget.base_bytes >> 20}MiB",
            Size(self._budget.total_bytes),
            f"large files in {self._config.spool_dir}" if self._spool else "no files on disk",
        )
        _log.info("limits: %s", limits_text(self._describe()))
        self._watch()

    async def serve(self) -> None:
        """Waits until the server should stop."""
        await self._stopping.wait()

    async def stop(self) -> bool:
        """Drains, and stops everything.

        Returns whether every admitted image was answered and every answer sent completely.

        Raises:
            ServerFault: the server stops because of an internal fault.
        """
        await self._until_stopping.stop()
        finished = await self._drain()
        await self._until_drained.stop()
        self._queue.close()
        if not await asyncio.to_thread(self._pool.join, _JOIN_SECONDS):
            _log.warning("a worker did not stop within %g s", _JOIN_SECONDS)
        await asyncio.to_thread(self._decoders.close)
        self._endpoint.close()
        if self._spool is not None:
            await asyncio.to_thread(self._spool.close)
        await asyncio.to_thread(self._tracing.close)
        await asyncio.to_thread(self._access_log.close)
        _log.info("stopped")
        if fault := self._until_stopping.fault or self._until_drained.fault or self._last_resort.fault:
            raise ServerFault(fault)
        return finished

    async def _set_serving(self, serving: bool) -> None:
        """Sets the status in health checks, `/readyz` and metrics."""
        self._lifecycle.ready = serving
        self._metrics.serving(serving)
        await self._grpc.set_health(serving)

    async def _drain(self) -> bool:
        """Reports NOT_SERVING, waits for clients to notice, then refuses new work and lets admitted work finish."""
        _log.info("draining: not serving any more")
        self._lifecycle.ready = False
        self._metrics.serving(False)
        self._metrics.draining()
        await self._grpc.end_health()
        await asyncio.sleep(self._config.drain_delay_seconds)
        self._admission.close()
        finished = await self._lifecycle.drained(self._config.drain_seconds)
        await asyncio.gather(*(one.stop() for one in (self._grpc, self._web) if one is not None))
        if not finished:
            _log.warning("calls were cut off: they took longer than %g s (drain_seconds)", self._config.drain_seconds)
        return finished

    def _make_grpc(self, transports: int) -> GrpcServer:
        config, budget = self._config, self._budget
        intake = Intake(
            self._reads,
            budget,
            self._metrics,
            self._queue.check,
            message_seconds=min(config.upload_seconds, config.idle_seconds),
            idle_seconds=config.idle_seconds,
        )
        bounds = Bounds(
            connections=most_connections(config.connections, transports, MOST_FILES if self._spool else 0),
            open_calls=config.open_calls or budget.headroom_bytes // CALL_BYTES,
            idle_seconds=config.idle_seconds,
            answer_seconds=config.answer_seconds,
            connection_seconds=config.connection_seconds,
        )
        return GrpcServer(
            self._inference,
            intake,
            self._lifecycle,
            self._metrics,
            self._describe,
            config.listen,
            self._access,
            bounds,
        )

    def _describe(self) -> GetServerInfoResponse:
        manifest = self._pool.models.manifest
        return info_message(
            manifest, self._config, self._limits, self._budget, version=self._release, workers=self._workers
        )

    def _observe(self) -> None:
        """Registers the values that metrics read."""
        self._metrics.describe_server(self._release, self._pool.models.manifest.recogniser.file.name)
        readings = Readings(
            workers=self._workers,
            workers_busy=self._pool.busy,
            queue_length=self._queue.length,
            queue_bytes=self._queue.size_bytes,
            memory=self._memory,
            decoders=self._decoders.count,
            admitted=self._budget.used_bytes,
            spool_bytes=self._budget.spool_bytes,
            file_reloads=self._access.file_reloads,
            certificate_end=self._access.certificate_end if self._access.certificates is not None else None,
        )
        observe_server(self._metrics, readings)

    def _memory(self) -> Mapping[str, int]:
        budget = self._budget
        found = {"budget": budget.total_bytes, "base": budget.base_bytes, "unaccounted": budget.unaccounted_bytes}
        return {**memory_bytes(), **found, "decoders": self._decoders.resident_bytes()}

    def _use(self, models: Models) -> None:
        """Activates other weights."""
        self._admission.use(models.manifest)
        self._pool.use(models)
        self._metrics.describe_server(self._release, models.manifest.recogniser.file.name)

    def _watch(self) -> None:
        """Starts the background tasks."""
        stuck_seconds = self._config.stuck_seconds
        stuck = stuck_worker(self._pool.longest_seconds, self._pool.longest_work, stuck_seconds)
        watchdog = Watchdog(stuck_seconds, self._set_serving, stuck, self._monitor.complaint)
        self._until_stopping.repeat("the watch over workers", watchdog.look)
        self._until_stopping.repeat("the last resort", self._last_resort.look)
        self._until_stopping.repeat("reloading weights", self._reloading.once_asked)
        self._until_drained.repeat("the watch over memory", self._look_at_memory)
        self._until_drained.repeat("the watch over messages that arrive", self._reads.look_and_rest)
        self._until_drained.repeat("the watch over connections", self._grpc.look_at_connections)
        self._until_drained.repeat("the watch over the queue", self._drop_late)

    async def _look_at_memory(self) -> None:
        await asyncio.sleep(LOOK_SECONDS)
        await asyncio.to_thread(self._monitor.look)

    async def _drop_late(self) -> None:
        await asyncio.sleep(LOOK_SECONDS)
        self._admission.drop_late()
        self._decoders.look()

    async def _serve_metrics(self) -> str:
        """Serves metrics if configured; returns a text for the log."""
        address = self._config.metrics
        if address is None:
            return "no metrics"
        host, _, port = address.rpartition(":")
        try:
            return f"metrics on port {await self._endpoint.start(host.strip('[]'), int(port))}"
        except OSError as error:
            raise StartError(f"metrics: cannot listen on {address}: {error.strerror}") from None
