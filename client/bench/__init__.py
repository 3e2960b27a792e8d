"""The load generator behind `edgeocr bench`, also for programs: a Plan goes in, a Report comes out."""

from edgeocr.client.bench.plan import Plan
from edgeocr.client.bench.report import Report
from edgeocr.client.bench.run import run_load

__all__ = ["Plan", "Report", "run_load"]
