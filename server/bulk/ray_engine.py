"""Distributes the work over processors of this machine or a cluster, with Ray Data."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, DataContext

from edgeocr.server.bulk.worker import FileDone, Work, Worker, parts

_OBJECT_STORE_BYTES = 128 << 20
"""Size of Ray's object store in shared memory, which holds file names but no images."""
_TRIES = 2
"""Number of retries of a part whose process ended; a file that ends it each time is given up."""


class _Actor:
    """A worker in Ray Data's form: takes a batch of names, returns a row for each file."""

    def __init__(self, work: Work) -> None:
        self._worker = Worker(work)

    def __call__(self, block: dict[str, Any]) -> dict[str, Any]:
        done = [asdict(file) for file in self._worker.read([str(path) for path in block["path"]])]
        return {name: pa.array([file[name] for file in done], kind) for name, kind in _COLUMNS.items()}


_COLUMNS = {"path": pa.string(), "pages": pa.int32(), "code": pa.string(), "error": pa.string()}


def read(paths: Sequence[str], work: Work, workers: int, part_files: int, address: str | None) -> Iterator[FileDone]:
    """Reads all files; yields a report on each when its part is written.

    Args:
        paths: the files.
        work: options and output.
        workers: number of processes, one per processor.
        part_files: maximum number of files in a part, which a process has to repeat if it is ended.
        address: address of a Ray cluster; None starts Ray on this machine for this job.
    """
    _begin(workers, address)
    try:
        blocks = list(parts(paths, workers, part_files))
        context = DataContext.get_current()
        context.max_errored_blocks = -1
        context.enable_progress_bars = False
        with warnings.catch_warnings():
            # Ray is moving retry limits to an argument that no release has yet.
            warnings.filterwarnings("ignore", message="`ray_remote_args` is deprecated")
            files = ray.data.from_arrow([pa.table({"path": block}) for block in blocks]).map_batches(
                _Actor,
                fn_constructor_args=(work,),
                batch_size=None,
                compute=ActorPoolStrategy(size=min(workers, len(blocks))),
                num_cpus=1,
                max_restarts=_TRIES * len(blocks),
                max_task_retries=_TRIES,
            )
        for row in files.iter_rows():
            yield FileDone(row["path"], int(row["pages"]), row["code"], row["error"])
    finally:
        ray.shutdown()


def _begin(workers: int, address: str | None) -> None:
    if address is not None:
        ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False)
        return
    ray.init(
        address="local",
        num_cpus=workers,
        include_dashboard=False,
        object_store_memory=_OBJECT_STORE_BYTES,
        logging_level=logging.ERROR,
        log_to_driver=False,
    )
