"""One block of starts: from its seeds to its tables, the same bits whoever computes it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from threading import Lock, local
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..data.datasets import Dataset
from ..errors import RunError
from ..kernels.batch import nothing_known, run_batch
from ..kernels.crowd import Crowd, crowd, is_many
from ..kernels.lloyd import Known
from ..kernels.records import Batch, Problem, prepare
from ..metrics import adjusted_rand
from ..spec.callables import SeededInitializer, by_rank, load_initializer
from ..spec.plan import Cell
from ..spec.spec import Spec
from ..trace.partitions import Partitions, partitions
from ..trace.tables import failed_table, runs_table, steps_table

BATCH = 0.1  # seconds between two looks at whether to stop
RAMP = 16  # how many times as long as the one before a batch may be; at 4 they were twice as many
LABELS = 4 << 20  # labels of outcomes in a batch: a few batches would hold more than their block
SMALL = 1 << 20  # products n d k up to which a start takes no time to speak of
KEPT = 4  # data sets that the kernels find ready; cells come data set by data set
_one_at_a_time = Lock()


@dataclass(frozen=True)
class Settings:
    """What a start of one data set obeys and leaves, apart from cell and seed."""

    max_iter: int
    tol: float
    empty: str
    steps: bool
    labels: str  # all, final or none
    silhouette: str  # exact, sampled or none
    base: Path  # absolute; folder in which "module:function" is looked for first
    apart: bool = False  # a user's function is called in a process of its own
    threads: int = 1  # that share the work of a start on many points


def settings(spec: Spec, dataset: str) -> Settings:
    """The settings of a resolved spec for one of its data sets."""
    lloyd, record = spec.lloyd, spec.record
    labels, silhouette = (
        choice if isinstance(choice, str) else choice[dataset]
        for choice in (record.labels, record.silhouette)
    )
    return Settings(
        lloyd.max_iter,
        lloyd.tol,
        lloyd.empty,
        record.steps,
        labels,
        silhouette,
        spec.base.absolute(),
    )


def problem(dataset: Dataset, silhouette: str) -> Problem | Crowd:
    """The data as the kernels want it, made once per process."""
    with _one_at_a_time:
        return _problem(_Key(dataset), silhouette)


class _Key:
    """A data set that is equal to another by its fingerprint."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __hash__(self) -> int:
        return hash(self.dataset.fingerprint)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.dataset.fingerprint == self.dataset.fingerprint


class _Met(local):
    """A thread's own: blocks of a cell follow each other, and the next need not begin anew."""

    problem: Problem | Crowd | None = None
    rules: tuple[int, str] | None = None
    cell: Cell | None = None
    known: Known | None


_met = _Met()


def forget_problems() -> None:
    """Keep no data of those that were computed with."""
    _problem.cache_clear()
    forget_starts()


def forget_starts() -> None:
    """Let this thread's next start meet nothing known."""
    _met.problem = None


@lru_cache(maxsize=KEPT)
def _problem(key: _Key, silhouette: str) -> Problem | Crowd:
    X = key.dataset.X
    return crowd(X, silhouette) if is_many(X, silhouette) else prepare(X, silhouette)


def compute(
    dataset: Dataset,
    cell: Cell,
    chosen: Settings,
    runs: NDArray[np.int64],
    seeds: NDArray[np.int64],
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[Any, Any] | None:
    """Tables of steps and runs of the starts `runs` (R,), or None when asked to stop on the way."""
    ready = problem(dataset, chosen.silhouette)
    initializer = initializer_of(cell, chosen)
    if dataset.X.size * cell.k <= SMALL and ":" not in cell.init and _met.cell != cell:
        _met.cell = cell
        _load(ready, dataset, cell, chosen, initializer, seeds[:1])
    indices: dict[bytes, float] = {}  # adjusted Rand index by partition
    known = _known(ready, cell.k, chosen.empty)
    tables = []
    for part in _batches(len(runs), max(1, LABELS // len(dataset.X))):
        if stopped():
            return None
        began = time.perf_counter()
        firsts, notes, distances = initializer(dataset.X, cell.k, seeds[part])
        batch = _run(ready, firsts, chosen, known)
        ends = partitions(batch)
        ari = _agreements(dataset, ends, indices)
        seconds = (time.perf_counter() - began) / len(notes)
        about = {"ends": ends, "ari": ari, "distances": distances, "seconds": seconds}
        tables.append(_tables(cell, chosen, runs[part], seeds[part], notes, batch, **about))
    steps, outcomes = (pa.concat_tables(column) for column in zip(*tables, strict=True))
    return steps, outcomes


def _load(
    ready: Problem | Crowd,
    dataset: Dataset,
    cell: Cell,
    chosen: Settings,
    initializer: SeededInitializer,
    seeds: NDArray[np.int64],
) -> None:
    """Run a start untimed: what a thread's first one of a cell loads is no start's time.

    On Iris that was 38 ms, as much as 2500 starts take.
    """
    firsts, (note,), _ = initializer(dataset.X, cell.k, seeds)
    if not note:
        partitions(_run(ready, firsts, chosen, None))


def initializer_of(cell: Cell, chosen: Settings) -> SeededInitializer:
    """Where the first centers of a cell come from. Raises SpecError where a user's is gone."""
    if cell.census:
        return by_rank
    return load_initializer(cell.init, chosen.base, apart=chosen.apart)


def _known(ready: Problem | Crowd, k: int, empty: str) -> Known | None:
    """What this thread has met so far, where its last starts had the same problem and rules."""
    if isinstance(ready, Crowd):
        return None
    if _met.problem is not ready or _met.rules != (k, empty):
        _met.problem, _met.rules, _met.known = ready, (k, empty), nothing_known(ready, k)
    return _met.known


def _tables(
    cell: Cell,
    chosen: Settings,
    runs: NDArray[np.int64],
    seeds: NDArray[np.int64],
    notes: list[str],
    batch: Batch,
    **about: Any,
) -> tuple[Any, Any]:
    who, labels = (cell.dataset, cell.k, cell.init), chosen.labels != "none"
    if not any(notes):
        made = runs_table(*who, runs, seeds, batch, labels=labels, **about)
        return steps_table(runs, cell.k, batch), made
    bad = np.array([bool(note) for note in notes])
    made = runs_table(*who, runs[~bad], seeds[~bad], batch, labels=labels, **about)
    failed = failed_table(*who, runs[bad], seeds[bad], [note for note in notes if note])
    steps = steps_table(runs[~bad], cell.k, batch)
    return steps, pa.concat_tables([made, failed]).sort_by("run")


def _batches(total: int, most: int) -> Iterator[slice]:
    """Slices of range(total), none above `most`, that take about BATCH seconds between calls."""
    begin, size = 0, 1
    while begin < total:
        began = time.perf_counter()
        yield slice(begin, min(begin + size, total))
        elapsed = max(time.perf_counter() - began, 1e-6)
        begin += size
        size = max(1, min(RAMP * size, int(size * BATCH / elapsed), most))


def replay(dataset: Dataset, cell: Cell, chosen: Settings, seed: int) -> Batch:
    """One start again, every step and label recorded: the same bits as when it was computed.

    Raises RunError where its initializer fails.
    """
    seeds = np.array([seed], dtype=np.int64)
    initializer = initializer_of(cell, chosen)
    firsts, (note,), _ = initializer(dataset.X, cell.k, seeds)
    if note:
        raise RunError(f"seed {seed} of {cell.label} cannot be replayed: {note}")
    recorded = replace(chosen, steps=True, labels="all")
    ready = problem(dataset, chosen.silhouette)
    return _run(ready, firsts, recorded, None)


def ended(dataset: Dataset, chosen: Settings, firsts: NDArray[np.float64]) -> Batch:
    """Starts from `firsts` (R, k, d) to their end: outcomes alone, without silhouettes."""
    ready = problem(dataset, "none")
    only = replace(chosen, steps=False, labels="none")
    return _run(ready, firsts, only, _known(ready, firsts.shape[1], chosen.empty))


def _run(
    ready: Problem | Crowd, firsts: NDArray[np.float64], chosen: Settings, known: Known | None
) -> Batch:
    return run_batch(
        ready,
        firsts,
        max_iter=chosen.max_iter,
        tol=chosen.tol,
        empty=chosen.empty,
        steps=chosen.steps,
        labels=chosen.labels,
        known=known,
        threads=chosen.threads,
    )


def _agreements(
    dataset: Dataset, ends: Partitions, known: dict[bytes, float]
) -> NDArray[np.float64]:
    """Adjusted Rand index (P,) with the truth, NaN where there is none; partitions recur."""
    ari = np.full(len(ends.labels), np.nan)
    if dataset.truth is None:
        return ari
    for p, labels in enumerate(ends.labels):
        if (key := labels.tobytes()) not in known:
            known[key] = adjusted_rand(labels, dataset.truth)
        ari[p] = known[key]
    return ari
