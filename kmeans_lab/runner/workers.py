"""Blocks handed to workers: who computes one writes it and sends a receipt back."""

import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from signal import SIGINT, SIGTERM
from typing import Any

import joblib

from ..data.datasets import Dataset
from ..errors import DataError, RunError, SpecError
from ..kernels._jit import warm
from ..spec.apart import end_with
from ..spec.plan import Block
from ..store.blocks import pack
from ..store.store import Receipt, Store
from . import cluster
from .cluster import Terms
from .compute import Settings, compute, forget_problems
from .crew import Workers

Work = Callable[["Task"], Receipt | None]
_one_at_a_time = threading.Lock()
PATIENCE = 2.0  # seconds that threads get to end when the user stops a run
AHEAD = 256  # blocks given out at once where more workers may join


@dataclass(frozen=True)
class Task:
    """A block to compute, and where its study stands."""

    folder: str
    fingerprint: str  # of the data
    settings: Settings
    block: Block
    shard: str | None = None  # the writer's, where there are several

    def on(self, threads: int) -> "Task":
        """The same task, a start of which several threads may share."""
        return replace(self, settings=replace(self.settings, threads=threads))


class Stop:
    """A request to end, and the count of those who have not yet."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._changed = threading.Condition()
        self._busy = 0

    def asked(self) -> bool:
        """Whether to end."""
        return self._asked.is_set()

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Be counted while at work."""
        with self._changed:
            self._busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def ask(self) -> None:
        """Ask all to end, and wait a while until they have."""
        self._asked.set()
        with self._changed:
            self._changed.wait_for(lambda: self._busy == 0, timeout=PATIENCE)


@contextmanager
def receipts(tasks: Sequence[Task], workers: Workers) -> Iterator[Iterator[Receipt]]:
    """Receipts of the tasks as their blocks are committed; workers end when the context is left.

    Raises RunError where a worker failed or died.
    """
    stop, arriving = Stop(), None
    try:
        with _work(tasks, workers, stop) as work:
            with _deaf() if workers.backend == "loky" else nullcontext():
                parallel = _parallel(workers, len(tasks))
                arriving = parallel(joblib.delayed(work)(task) for task in tasks)
            yield (receipt for receipt in arriving if receipt is not None)
    except BrokenProcessPool as error:
        raise RunError(
            "a worker process died, perhaps for want of memory; what is finished stays: "
            "run again, with fewer --jobs or --backend threading"
        ) from error
    except Exception as error:
        if workers.local or isinstance(error, RunError | SpecError | DataError):
            raise
        reason = ": ".join([type(error).__name__, *str(error).splitlines()[:1]])
        raise RunError(
            f"the workers of {workers.backend} failed ({reason}); what is finished stays: run again"
        ) from error
    finally:
        stop.ask()
        with warnings.catch_warnings():  # joblib's, about tasks cancelled, which is what we want
            warnings.simplefilter("ignore")
            if arriving is not None:
                arriving.close()


@contextmanager
def _work(tasks: Sequence[Task], workers: Workers, stop: Stop) -> Iterator[Work]:
    """What such workers do with a task."""
    if workers.backend == "threading":
        yield partial(_in_thread, stop)
    elif workers.backend == "loky":
        yield partial(_in_process, os.getpid())
    else:
        with cluster.terms(Path(tasks[0].folder)) as asked:
            if workers.client:
                cluster.check(workers.client, asked)
            yield partial(_elsewhere, asked)


def _parallel(workers: Workers, count: int) -> Any:
    return joblib.Parallel(
        n_jobs=min(workers.jobs, count),
        backend=cluster.backend_of(workers.client) if workers.client else workers.backend,
        return_as="generator_unordered",
        batch_size=1,
        pre_dispatch=2 * workers.jobs if workers.local else max(AHEAD, 2 * workers.jobs),
    )


@contextmanager
def _deaf() -> Iterator[None]:
    """Let worker processes begin deaf to signals, which they are all their lives; some 25 ms.

    Ctrl-C in a terminal is sent to them too, and they would print what they were doing. They have
    from who begins them which signals are blocked; here what comes meanwhile is heard afterwards.
    """
    if threading.current_thread() is not threading.main_thread():  # who alone may say so
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, (SIGINT, SIGTERM))
    safe = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"  # else a user's random.py here is Python's own to them
    try:
        yield
    finally:
        if safe is None:
            del os.environ["PYTHONSAFEPATH"]
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def compute_block(
    task: Task, stopped: Callable[[], bool], commit: Callable[..., Receipt | None] | None = None
) -> Receipt | None:
    """Compute and commit one block, or nothing when asked to stop."""
    commit = commit or Store(task.folder).commit
    cell = task.block.cell
    dataset = data_of(task.folder, cell.dataset, task.fingerprint)
    made = compute(dataset, cell, task.settings, task.block.runs, task.block.seeds, stopped)
    if made is None or stopped():
        return None
    steps, runs = made
    return commit(task.block.name, steps if task.settings.steps else None, runs)


def data_of(folder: str, name: str, fingerprint: str) -> Dataset:
    """A data set of a study, read once in a process. Raises RunError where it is another."""
    with _one_at_a_time:  # else each thread would read
        return _read(folder, name, fingerprint)


def forget_data() -> None:
    """Keep no data of earlier runs: files may be others now, and many points take much room."""
    _read.cache_clear()
    forget_problems()


@lru_cache(maxsize=4)
def _read(folder: str, name: str, fingerprint: str) -> Dataset:
    dataset = Store(folder).dataset(name)
    if dataset.fingerprint != fingerprint:
        raise RunError(f"{folder}/data/{name}.parquet is not the data of the run")
    return dataset


def _in_thread(stop: Stop, task: Task) -> Receipt | None:
    with stop.heeded():
        return compute_block(task, stop.asked)


def _in_process(parent: int, task: Task) -> Receipt | None:
    if os.getpid() == parent:  # joblib runs a single worker in the process itself
        return compute_block(task, lambda: False)
    end_with(parent)
    with Store(task.folder).at_work(task.shard):
        return compute_block(task, lambda: os.getppid() != parent)


def _elsewhere(asked: Terms, task: Task) -> Receipt | None:
    """In a process that another program began, perhaps in place of one that was lost."""
    warm(lambda line: None)
    store, block = Store(task.folder), task.block

    def stopped() -> bool:
        return not cluster.ongoing(asked)

    def commit(name: str, *tables: Any) -> Receipt | None:
        made = pack(*tables)  # 95 of 100 ms for 15 MB, for which nobody has to wait
        with store.alone():  # another may have been given the block, and be as far
            if stopped():
                return None
            return store.found(name, block.runs) or store.place(name, made)

    with store.at_work(task.shard):
        # To ask for all takes 15 ms a block, as a worker's other threads want Python meanwhile.
        cluster.agree(asked, own=":" in block.cell.init)
        there = store.found(block.name, block.runs)
        return there or compute_block(task, stopped, commit)
