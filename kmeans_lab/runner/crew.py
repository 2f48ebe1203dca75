"""Who computes blocks: threads, processes, the workers of a scheduler or of a joblib backend."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import joblib

from ..choices import BACKENDS
from ..errors import SpecError, suggest
from ..spec import checks
from . import cluster

NOT_OFFERED = ("sequential", "multiprocessing")  # of joblib's: one worker; forks of threads


def cores() -> int:
    """Cores this process may use."""
    return int(joblib.cpu_count())


class Workers(NamedTuple):
    """Who computes blocks."""

    backend: str = BACKENDS[0]
    jobs: int = 1  # blocks at once
    client: Any = None  # of a Dask scheduler

    @property
    def local(self) -> bool:
        """Whether they are threads of this process, or processes that it began."""
        return self.backend in ("threading", "loky")


@contextmanager
def hired(
    jobs: int | None = None, backend: str | None = None, scheduler: str | None = None
) -> Iterator[Workers]:
    """Workers as they are asked for: threads, processes, a scheduler's, a backend of joblib's.

    Raises SpecError where there are none such.
    """
    if jobs is not None:
        jobs = int(checks.whole(1)(jobs, "jobs"))
    backend = backend or (BACKENDS[0] if scheduler is None else "dask")
    known = [*BACKENDS, *sorted(joblib.parallel.BACKENDS.keys() - {*BACKENDS, *NOT_OFFERED})]
    if backend not in known:
        raise SpecError(f"unknown backend {backend!r}{suggest(backend, known)}")
    if scheduler is not None and backend != "dask":
        raise SpecError(f"a scheduler, and backend {backend!r}; allowed with a scheduler: dask")
    if backend != "dask":
        yield Workers(backend, jobs or cores())
        return
    if scheduler is None:
        raise SpecError("backend dask, and no scheduler; allowed: --scheduler tcp://HOST:PORT")
    if jobs is not None:
        raise SpecError("jobs, and a scheduler, which has workers of its own; allowed: one of both")
    with cluster.connected(scheduler) as client:
        yield Workers(backend, sum(client.nthreads().values()), client)
