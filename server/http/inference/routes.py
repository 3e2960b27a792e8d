"""The routes of the protocol."""

import re
import time
from contextlib import AsyncExitStack, aclosing, closing
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from edgeocr.model.errors import EdgeOcrError
from edgeocr.model.files.image import EncodedImage
from edgeocr.server.errors import Draining
from edgeocr.server.http.answers.sse import while_there
from edgeocr.server.http.answers.until_sent import UntilSent
from edgeocr.server.http.call import CALL, Call
from edgeocr.server.http.inference.answer import answer
from edgeocr.server.http.inference.body import InferenceBody
from edgeocr.server.inference import descriptions
from edgeocr.server.inference.model import ALIAS, EXTENSIONS, NAME, InferenceModel
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.job_options import JobOptions
from edgeocr.server.scheduling.session import Session

ROOT = "/v2"
_PROBE = re.compile(rf"{ROOT}/(health/(live|ready)|models/[^/]+(/versions/[^/]+)?/ready)")
_MODEL, _VERSION = f"{ROOT}/models/{{name}}", f"{ROOT}/models/{{name}}/versions/{{version}}"
_METHOD = "HttpModelInfer"


def is_guarded(path: str) -> bool:
    """Whether a path of the protocol requires a token, if the server uses tokens; probes require none."""
    return (path == ROOT or path.startswith(f"{ROOT}/")) and _PROBE.fullmatch(path) is None


def known_paths(version: str) -> dict[str, str]:
    """The known paths and their names in metrics, which do not distinguish versions."""
    model = f"{ROOT}/models/{NAME}"
    ends = ("", "/ready", "/config", "/stats", "/infer")
    named = {f"{model}/versions/{one}{end}": f"{model}{end}" for one in (ALIAS, version) for end in ends}
    alone = (ROOT, f"{ROOT}/health/live", f"{ROOT}/health/ready", f"{ROOT}/models/stats", f"{ROOT}/repository/index")
    return {**named, **{path: path for path in (*alone, *(f"{model}{end}" for end in ends))}}


def make_inference_router(model: InferenceModel, admission: Admission, lifecycle: Lifecycle) -> APIRouter:
    """Makes the router."""
    # The protocol's own documents describe them.
    router = APIRouter(include_in_schema=False)

    @router.get(ROOT)
    async def server() -> dict[str, Any]:
        return {"name": NAME, "version": model.version, "extensions": [*EXTENSIONS, "binary_tensor_data"]}

    @router.get(f"{ROOT}/health/live")
    async def live() -> dict[str, bool]:
        return {"live": True}

    @router.get(f"{ROOT}/health/ready")
    async def ready() -> dict[str, bool]:
        _check_ready()
        return {"ready": True}

    @router.get(f"{_MODEL}/ready")
    @router.get(f"{_VERSION}/ready")
    async def model_ready(name: str, version: str = "") -> dict[str, Any]:
        model.check(name, version)
        _check_ready()
        return {"name": name, "ready": True}

    @router.get(f"{ROOT}/models/stats")
    async def all_statistics() -> dict[str, Any]:
        return descriptions.statistics(model)

    @router.get(f"{_MODEL}/stats")
    @router.get(f"{_VERSION}/stats")
    async def statistics(name: str, version: str = "") -> dict[str, Any]:
        model.check(name, version)
        return descriptions.statistics(model, version)

    @router.get(f"{_MODEL}/config")
    @router.get(f"{_VERSION}/config")
    async def config(name: str, version: str = "") -> dict[str, Any]:
        model.check(name, version)
        return descriptions.config()

    @router.get(_MODEL)
    @router.get(_VERSION)
    async def metadata(name: str, version: str = "") -> dict[str, Any]:
        model.check(name, version)
        return descriptions.metadata(model)

    @router.post(f"{ROOT}/repository/index")
    async def index() -> list[dict[str, str]]:
        state = "READY" if lifecycle.ready else "UNAVAILABLE"
        return [{"name": NAME, "version": model.version, "state": state, "reason": ""}]

    @router.post(f"{_MODEL}/infer")
    @router.post(f"{_VERSION}/infer")
    async def infer(request: Request, name: str, version: str = "") -> Response:
        model.check(name, version)
        call: Call = request.scope[CALL]
        begun = time.monotonic()
        body = InferenceBody(request, admission, call.caller, model)
        async with AsyncExitStack() as stack:
            trace = stack.enter_context(lifecycle.open(f"POST {ROOT}/models/{NAME}/infer", request.headers.items()))
            session = model.session(_METHOD, trace, call.caller, call.record)
            stack.enter_context(closing(session))
            received = await stack.enter_async_context(lifecycle.receiving(_admit_all(session, body)))
            try:
                await received()
            except EdgeOcrError:
                model.statistics.failed(time.monotonic() - begun)
                raise
            assert body.parsed is not None, "there was an image"
            results = await while_there(request.receive, model.results(session, begun))
            return UntilSent(answer(results, body.parsed, NAME, model.version), stack.pop_all())

    def _check_ready() -> None:
        if not lifecycle.ready:
            raise Draining("the server accepts no images now")

    return router


async def _admit_all(session: Session, body: InferenceBody) -> None:
    """Admits a request's images until one is refused, whose error becomes the answer to the whole request.

    Raises:
        EdgeOcrError: the body is invalid.
    """
    async with aclosing(body.images()) as images:
        async for image in images:
            assert body.parsed is not None, "it came first"
            chosen = body.parsed.choices
            entry = session.enter()
            data, held = image.upload.hand_over()
            with session.refusing(entry, held):
                session.admit(
                    entry,
                    EncodedImage(data),
                    JobOptions(mode=chosen.mode, reading=chosen.reading, sends_lines=False),
                    chosen.timeout_seconds,
                    in_chunks=True,
                    held=held,
                )
            if entry.job is None:
                return
