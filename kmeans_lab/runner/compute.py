"""One block of starts: from its seeds to its tables, the same bits whoever computes it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..data.datasets import Dataset
from ..errors import RunError
from ..kernels.lloyd import EMPTY_CLUSTER, Batch, Problem, empty_scores, prepare, run_batch
from ..kernels.silhouette import Scores
from ..metrics import adjusted_rand
from ..spec.callables import load_initializer
from ..spec.plan import Cell
from ..spec.spec import Spec
from ..trace.tables import failed_table, runs_table, steps_table

BATCH = 0.1  # seconds between two looks at whether to stop
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


def problem(dataset: Dataset, silhouette: str) -> Problem:
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


@lru_cache(maxsize=4)  # cells come data set by data set
def _problem(key: _Key, silhouette: str) -> Problem:
    return prepare(key.dataset.X, silhouette)


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
    initializer = load_initializer(cell.init, chosen.base)
    indices: dict[bytes, float] = {}  # adjusted Rand index by partition
    scores = empty_scores(ready.aim, cell.k)
    tables = []
    for part in _batches(len(runs)):
        if stopped():
            return None
        began = time.perf_counter()
        firsts, notes = initializer(dataset.X, cell.k, seeds[part])
        batch = _run(ready, firsts, chosen, scores)
        ari = _agreements(dataset, batch, indices)
        seconds = (time.perf_counter() - began) / len(notes)
        tables.append(_tables(cell, chosen, runs[part], seeds[part], notes, batch, ari, seconds))
    steps, outcomes = (pa.concat_tables(column) for column in zip(*tables, strict=True))
    return steps, outcomes.sort_by("run")


def _tables(
    cell: Cell,
    chosen: Settings,
    runs: NDArray[np.int64],
    seeds: NDArray[np.int64],
    notes: list[str],
    batch: Batch,
    ari: NDArray[np.float64],
    seconds: float,
) -> tuple[Any, Any]:
    who = (cell.dataset, cell.k, cell.init)
    bad = np.array([bool(note) for note in notes])
    labels = chosen.labels != "none"
    made = runs_table(*who, runs[~bad], seeds[~bad], batch, ari=ari, labels=labels, seconds=seconds)
    failed = failed_table(*who, runs[bad], seeds[bad], [note for note in notes if note])
    return steps_table(runs[~bad], cell.k, batch), pa.concat_tables([made, failed])


def _batches(total: int) -> Iterator[slice]:
    """Slices of range(total) that each take about BATCH seconds between two calls."""
    begin, size = 0, 1
    while begin < total:
        began = time.perf_counter()
        yield slice(begin, min(begin + size, total))
        elapsed = max(time.perf_counter() - began, 1e-6)
        begin += size
        size = max(1, min(4 * size, int(size * BATCH / elapsed)))


def replay(dataset: Dataset, cell: Cell, chosen: Settings, seed: int) -> Batch:
    """One start again, every step and label recorded: the same bits as when it was computed.

    Raises RunError where its initializer fails.
    """
    seeds = np.array([seed], dtype=np.int64)
    initializer = load_initializer(cell.init, chosen.base)
    firsts, (note,) = initializer(dataset.X, cell.k, seeds)
    if note:
        raise RunError(f"seed {seed} of {cell.label} cannot be replayed: {note}")
    recorded = replace(chosen, steps=True, labels="all")
    ready = problem(dataset, chosen.silhouette)
    return _run(ready, firsts, recorded, empty_scores(ready.aim, cell.k))


def _run(ready: Problem, firsts: NDArray[np.float64], chosen: Settings, scores: Scores) -> Batch:
    return run_batch(
        ready,
        firsts,
        max_iter=chosen.max_iter,
        tol=chosen.tol,
        empty=chosen.empty,
        steps=chosen.steps,
        labels=chosen.labels,
        scores=scores,
    )


def _agreements(dataset: Dataset, batch: Batch, known: dict[bytes, float]) -> NDArray[np.float64]:
    """Adjusted Rand index (R,) with the truth, NaN where there is none; partitions recur."""
    ari = np.full(len(batch.status), np.nan)
    if dataset.truth is None:
        return ari
    for r in np.flatnonzero(batch.status != EMPTY_CLUSTER):
        key = batch.canonical[r].tobytes()
        if key not in known:
            known[key] = adjusted_rand(batch.canonical[r], dataset.truth)
        ari[r] = known[key]
    return ari
