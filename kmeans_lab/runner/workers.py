"""Blocks handed to threads or processes: who computes one writes it and sends a receipt back."""

import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache, partial
from signal import SIGINT, SIGTERM

import joblib

from ..data.datasets import Dataset
from ..errors import RunError
from ..spec.apart import end_with
from ..spec.plan import Block
from ..store.store import Receipt, Store
from .compute import Settings, compute

PATIENCE = 2.0  # seconds that threads get to end when the user stops a run


@dataclass(frozen=True)
class Task:
    """A block to compute, and where its study stands."""

    folder: str
    fingerprint: str  # of the data
    settings: Settings
    block: Block
    shard: str | None = None  # the writer's, where there are several


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


def cores() -> int:
    """Cores this process may use."""
    return int(joblib.cpu_count())


@contextmanager
def receipts(tasks: Sequence[Task], jobs: int, backend: str) -> Iterator[Iterator[Receipt]]:
    """Receipts of the tasks as their blocks are committed; workers end when the context is left.

    Raises RunError where a worker failed or died.
    """
    stop = Stop()
    work: Callable[[Task], Receipt | None] = partial(_in_thread, stop)
    if backend == "loky":
        work = partial(_in_process, os.getpid())
    parallel = joblib.Parallel(
        n_jobs=min(jobs, len(tasks)),
        backend=backend,
        return_as="generator_unordered",
        batch_size=1,
        pre_dispatch="2 * n_jobs",
    )
    arriving = None
    try:
        with _deaf() if backend == "loky" else nullcontext():
            arriving = parallel(joblib.delayed(work)(task) for task in tasks)
        yield (receipt for receipt in arriving if receipt is not None)
    except BrokenProcessPool as error:
        raise RunError(
            "a worker process died, perhaps for want of memory; what is finished stays: "
            "run again, with fewer --jobs or --backend threading"
        ) from error
    finally:
        stop.ask()
        with warnings.catch_warnings():  # joblib's, about tasks cancelled, which is what we want
            warnings.simplefilter("ignore")
            if arriving is not None:
                arriving.close()


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


def compute_block(task: Task, stopped: Callable[[], bool]) -> Receipt | None:
    """Compute and commit one block, or nothing when asked to stop."""
    cell = task.block.cell
    dataset = _dataset(task.folder, cell.dataset, task.fingerprint)
    made = compute(dataset, cell, task.settings, task.block.runs, task.block.seeds, stopped)
    if made is None or stopped():
        return None
    steps, runs = made
    return Store(task.folder).commit(task.block.name, steps if task.settings.steps else None, runs)


@lru_cache(maxsize=4)
def _dataset(folder: str, name: str, fingerprint: str) -> Dataset:
    return Store(folder).dataset(name)


def _in_thread(stop: Stop, task: Task) -> Receipt | None:
    with stop.heeded():
        return compute_block(task, stop.asked)


def _in_process(parent: int, task: Task) -> Receipt | None:
    if os.getpid() == parent:  # joblib runs a single worker in the process itself
        return compute_block(task, lambda: False)
    end_with(parent)
    with Store(task.folder).at_work(task.shard):
        return compute_block(task, lambda: os.getppid() != parent)
