"""The load generator of `edgeocr bench`, which programs can use too: it takes a Plan and returns a Report."""

from typing import TYPE_CHECKING

from edgeocr.lazy import lazy_names

if TYPE_CHECKING:
    from edgeocr.client.bench.plan import Plan
    from edgeocr.client.bench.report import Report
    from edgeocr.client.bench.run import run_load

__all__ = ["Plan", "Report", "run_load"]

if not TYPE_CHECKING:
    __getattr__ = lazy_names(
        __name__, __all__, ["edgeocr.client.bench.plan", "edgeocr.client.bench.report", "edgeocr.client.bench.run"]
    )
    """Loaded lazily, so that the command can show its help without importing gRPC."""
