"""A real Dask scheduler and its workers, begun by the test; `pytest tests/cluster -m cluster`."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from kmeans_lab.kernels._jit import cache_folder, warm
from processes import wait_until

HOST = "127.0.0.1"
QUIET = ("--no-dashboard", "--host", HOST)


def client(*where, **options):
    """Imported late: this file is read where the extra dask is not installed."""
    from distributed import Client

    return Client(*where, **options)


class Cluster:
    """Processes of one scheduler, as a user begins them in terminals."""

    def __init__(self, folder):
        self.folder, self.workers, self._count = folder, [], 0
        found = folder / "scheduler.json"
        words = ["--port", "0", "--scheduler-file", found, *QUIET]
        self.scheduler = self._begin("distributed.cli.dask_scheduler", words)
        wait_until(found.exists)
        with client(scheduler_file=str(found)) as connected:
            self.address = connected.scheduler.address

    def _begin(self, module, words, before=(), **environment):
        self._count += 1
        with (self.folder / f"{self._count}.log").open("w") as log:
            return subprocess.Popen(
                [*before, sys.executable, "-m", module, *map(str, words)],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=os.environ | {"KMEANS_LAB_CACHE": str(cache_folder())} | environment,
                start_new_session=True,
            )

    def join(self, count=1, threads=1, **more):
        """More workers, once the scheduler knows them; gives the last one's process."""
        known = len(self.workers)
        words = [self.address, "--nthreads", threads, "--no-nanny", "--memory-limit", "0", *QUIET]
        for _ in range(count):
            self.workers.append(self._begin("distributed.cli.dask_worker", words, **more))
        alive = sum(worker.poll() is None for worker in self.workers)
        with client(self.address) as connected:
            connected.wait_for_workers(alive, timeout=60)
        assert len(self.workers) == known + count
        return self.workers[-1]

    def asked(self, function, *arguments):
        """What each worker answers, by its address."""
        with client(self.address) as connected:
            return connected.run(function, *arguments)

    def close(self):
        for process in [*self.workers, self.scheduler]:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def cluster(tmp_path_factory):
    """A scheduler without workers."""
    warm(print)  # here, so that no worker has to compile
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.close()


@pytest.fixture
def spec(tmp_path, rng):
    """Starts that take some seconds, in two cells: every step with its labels and silhouette."""
    middles = rng.uniform(0, 10, (15, 2))
    np.save(
        tmp_path / "points.npy", middles[rng.integers(0, 15, 2000)] + rng.normal(size=(2000, 2))
    )
    path = tmp_path / "spec.toml"
    path.write_text(
        'name = "long"\nruns = 60\n[[data]]\nsource = "points.npy"\n'
        '[grid]\nk = [15]\ninit = ["random", "k-means++"]\n'
        '[record]\nlabels = "all"\nsilhouette = "exact"\n'
    )
    return path


def pytest_ignore_collect(collection_path, config):
    """Plain `pytest` passes this folder by: it needs the extra dask."""
    return None if config.option.markexpr == "cluster" else True
