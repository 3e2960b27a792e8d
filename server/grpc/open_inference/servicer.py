"""The service of open_inference.proto."""

import itertools
import time
from collections.abc import AsyncIterator
from typing import Any, TypeAlias

from google.protobuf.json_format import ParseDict
from grpc.aio import ServicerContext

from edgeocr.proto.inference import open_inference_pb2, open_inference_pb2_grpc
from edgeocr.server.grpc.call import current
from edgeocr.server.grpc.open_inference.model import ServedModel
from edgeocr.server.grpc.open_inference.stream import METHOD, InferenceStream
from edgeocr.server.inference import descriptions
from edgeocr.server.inference.model import EXTENSIONS, NAME, InferenceModel
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.observing.metrics import Metrics

SERVICE = open_inference_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"].full_name
Context: TypeAlias = "ServicerContext[Any, Any]"


class InferenceServicer(open_inference_pb2_grpc.GRPCInferenceServiceServicer):
    """Implements GRPCInferenceService."""

    def __init__(self, model: InferenceModel, metrics: Metrics, lifecycle: Lifecycle) -> None:
        self._model = model
        self._served = ServedModel(model)
        self._metrics = metrics
        self._lifecycle = lifecycle
        self._stream_numbers = itertools.count()

    async def ServerLive(
        self, request: open_inference_pb2.ServerLiveRequest, context: Context
    ) -> open_inference_pb2.ServerLiveResponse:
        """Reports that the server is alive."""
        return open_inference_pb2.ServerLiveResponse(live=True)

    async def ServerReady(
        self, request: open_inference_pb2.ServerReadyRequest, context: Context
    ) -> open_inference_pb2.ServerReadyResponse:
        """Reports the server's health."""
        return open_inference_pb2.ServerReadyResponse(ready=self._lifecycle.ready)

    async def ModelReady(
        self, request: open_inference_pb2.ModelReadyRequest, context: Context
    ) -> open_inference_pb2.ModelReadyResponse:
        """Reports the server's health."""
        self._model.check(request.name, request.version)
        return open_inference_pb2.ModelReadyResponse(ready=self._lifecycle.ready)

    async def ServerMetadata(
        self, request: open_inference_pb2.ServerMetadataRequest, context: Context
    ) -> open_inference_pb2.ServerMetadataResponse:
        """Describes the server."""
        return open_inference_pb2.ServerMetadataResponse(name=NAME, version=self._model.version, extensions=EXTENSIONS)

    async def ModelMetadata(
        self, request: open_inference_pb2.ModelMetadataRequest, context: Context
    ) -> open_inference_pb2.ModelMetadataResponse:
        """Describes the model."""
        self._model.check(request.name, request.version)
        return ParseDict(descriptions.metadata(self._model), open_inference_pb2.ModelMetadataResponse())

    async def ModelConfig(
        self, request: open_inference_pb2.ModelConfigRequest, context: Context
    ) -> open_inference_pb2.ModelConfigResponse:
        """Describes the model in Triton's form."""
        self._model.check(request.name, request.version)
        return ParseDict({"config": descriptions.config()}, open_inference_pb2.ModelConfigResponse())

    async def ModelStatistics(
        self, request: open_inference_pb2.ModelStatisticsRequest, context: Context
    ) -> open_inference_pb2.ModelStatisticsResponse:
        """Reports statistics."""
        self._model.check(request.name or NAME, request.version)
        found = descriptions.statistics(self._model, request.version)
        # Triton's clients of HTTP expect a batch_stats, which the messages here leave out.
        return ParseDict(found, open_inference_pb2.ModelStatisticsResponse(), ignore_unknown_fields=True)

    async def ModelInfer(
        self, request: open_inference_pb2.ModelInferRequest, context: Context
    ) -> open_inference_pb2.ModelInferResponse:
        """Reads the images of a request."""
        method = "ModelInfer"
        with self._lifecycle.open(f"{SERVICE}/{method}", context.invocation_metadata()) as trace:
            call, asked, request_id = current(), self._served.question(request), request.id
            # The message would keep the images until they are answered.
            del request
            session = self._served.session(method, trace, call)
            call.until_sent.append(session.close)
            return await self._served.answer(session, asked, request_id, context.time_remaining())

    async def ModelStreamInfer(
        self, requests: AsyncIterator[open_inference_pb2.ModelInferRequest], context: Context
    ) -> AsyncIterator[open_inference_pb2.ModelStreamInferResponse]:
        """Reads the images of any number of requests."""
        remaining = context.time_remaining()
        deadline = None if remaining is None else time.monotonic() + remaining
        stream = f"inference stream {next(self._stream_numbers)}"
        with (
            self._lifecycle.open(f"{SERVICE}/{METHOD}", context.invocation_metadata()) as trace,
            self._metrics.open_stream(),
        ):
            async for response in InferenceStream(
                self._served, self._lifecycle, trace, current(), stream, deadline
            ).answers(requests):
                yield response
