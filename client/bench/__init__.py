"""The load generator behind `edgeocr bench`, also for programs: a Plan goes in, a Report comes out."""

from typing import TYPE_CHECKING

from edgeocr.lazy import lazy_names

if TYPE_CHECKING:
    from edgeocr.client.bench.plan import Plan
    from edgeocr.client.bench.report import Report
    from edgeocr.client.bench.run import run_load

__all__ = ["Plan", "Report", "run_load"]

if not TYPE_CHECKING:
    __getattr__ = lazy_names(
        __name__,
        {
            "edgeocr.client.bench.plan": ["Plan"],
            "edgeocr.client.bench.report": ["Report"],
            "edgeocr.client.bench.run": ["run_load"],
        },
    )
    """The command shows its help without what calls a server."""
