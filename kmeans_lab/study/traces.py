"""Traces of a study's starts: read where every label was recorded, else made from the seed."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import RunError, SpecError
from ..fates import Fates, fates
from ..kernels.initializers import INITIALIZERS
from ..kernels.records import Batch
from ..runner.compute import initializer_of, replay, settings
from ..spec.plan import Cell
from ..statistics import gaps
from ..store.belonging import steps_of
from ..trace.tables import unpack_centers, unpack_labels
from ..trace.trace import Trace, from_batch, from_tables

if TYPE_CHECKING:
    import pandas as pd

    from .study import Study

MOST = 2000  # starts of a cell whose ways are compared
MET = ("initial_inertia", "n_iter", "inertia")  # columns that a replay must meet


def trace_of(study: "Study", row: "pd.Series[Any]") -> Trace:
    """The frames of a start, the same to the bit whether recorded or replayed.

    row: its row of `runs`. Raises RunError where it failed, or cannot be replayed.
    """
    run, cell = int(row["run"]), study.cells[row["run"] % len(study.cells)]
    if row["status"] == "error":
        raise RunError(f"run {run} of {study.folder} has no trace, it failed: {row['note']}")
    dataset = study.dataset(cell.dataset)
    about: dict[str, Any] = {"gap": _gap(study, cell, row), "columns": dataset.columns}
    steps = steps_of(study.store, cell, [run])
    if len(steps) and not steps["labels"].null_count:
        return from_tables(dataset.X, study.store.runs(ids=[run]), steps, **about)
    about |= {"dataset": cell.dataset, "init": cell.init, "seed": int(row["seed"]), "run": run}
    return from_batch(dataset.X, cell.k, _replayed(study, cell, row), **about)


def first_centers(
    study: "Study", cell: Cell, seeds: NDArray[np.int64], runs: NDArray[np.int64]
) -> NDArray[np.float64]:
    """First centers (R, k, d) of some starts of a cell: made from their seeds, else as recorded.

    seeds, runs: (R,). NaN where there are none. Raises SpecError where those of a user's
    initializer were not recorded: it may be called for a start, not for all of them.
    """
    X = study.dataset(cell.dataset).X
    firsts = np.full((len(seeds), cell.k, X.shape[1]), np.nan)
    if cell.census or cell.init in INITIALIZERS:
        made = initializer_of(cell, settings(study.spec, cell.dataset))(X, cell.k, seeds)
        firsts[[not note for note in made.notes]] = made.centers
        return firsts
    if not study.spec.record.steps:
        raise SpecError(f"first centers of {cell.init!r} were not recorded: [record] steps = false")
    steps = steps_of(study.store, cell, runs.tolist())
    steps = steps.filter(steps["iteration"].to_numpy() == 1)
    if len(steps):
        places = np.searchsorted(runs, steps["run"].to_numpy())  # seeds and runs rise together
        firsts[places] = unpack_centers(steps["centers"], cell.k)
    return firsts


def first_of(study: "Study", row: "pd.Series[Any]") -> NDArray[np.float64]:
    """First centers (k, d) of a start, recorded or drawn again. Raises RunError as `trace_of`."""
    run, cell = int(row["run"]), study.cells[row["run"] % len(study.cells)]
    if row["status"] == "error":
        raise RunError(f"run {run} of {study.folder} has no centers, it failed: {row['note']}")
    steps = steps_of(study.store, cell, [run]).sort_by("iteration")
    if len(steps):
        found = unpack_centers(steps["centers"][:1], cell.k)
    else:
        found = _replayed(study, cell, row, silhouette="none").step_centers
    return np.asarray(found[0], dtype=np.float64)


def fates_of(study: "Study", cell: Cell) -> Fates | None:
    """What became of the first converged starts of a cell; None without labels of every step."""
    starts = study.starts(cell)
    runs = starts["run"][starts["status"] == "converged"].to_numpy()[:MOST]
    steps = steps_of(study.store, cell, runs.tolist())
    if not len(steps) or steps["labels"].null_count:
        return None
    ids, iteration = (steps[name].to_numpy() for name in ("run", "iteration"))
    return fates(ids, iteration.astype(np.int64), unpack_labels(steps["labels"], cell.k), cell.k)


class Descents(NamedTuple):
    """Inertia by step of R converged starts, those with a lower id first."""

    runs: NDArray[np.int64]  # (R,), ids
    steps: NDArray[np.int64]  # (R,), made
    inertia: NDArray[np.float64]  # (S,), start after start


def descents_of(study: "Study", cell: Cell) -> Descents | None:
    """Inertia by step of the first converged starts of a cell; None where no steps are stored."""
    starts = study.starts(cell)
    runs = np.sort(starts["run"][starts["status"] == "converged"].to_numpy()[:MOST])
    steps = steps_of(study.store, cell, runs.tolist())
    if not len(steps):
        return None
    ids, iteration, inertia = (steps[name].to_numpy() for name in ("run", "iteration", "inertia"))
    runs, made = np.unique(ids, return_counts=True)
    return Descents(runs, made, inertia[np.lexsort((iteration, ids))])


def _gap(study: "Study", cell: Cell, row: "pd.Series[Any]") -> float | None:
    gap = float(gaps([row["inertia"]], study.best(cell.dataset, cell.k))[0])
    return None if math.isnan(gap) else gap


def _replayed(study: "Study", cell: Cell, row: "pd.Series[Any]", **other: Any) -> Batch:
    """A start again, with the study's settings but for `other`."""
    failed = f"run {row['run']} of {study.folder} cannot be replayed"
    dataset = study.dataset(cell.dataset)
    usual = settings(study.spec, cell.dataset)
    # No further than it went, as there is room made for all steps that it may go.
    chosen = replace(usual, max_iter=min(int(row["n_iter"]), usual.max_iter), **other)
    try:
        batch = replay(dataset, cell, chosen, int(row["seed"]))
    except SpecError as error:  # the user's initializer is gone
        raise RunError(f"{failed}: {error}") from error
    if not all(_equal(getattr(batch, name)[0], row[name]) for name in MET):
        blame = f"{cell.init!r} or a package is not what it was"
        raise RunError(f"{failed}, it comes out as another start: {blame}")
    return batch


def _equal(one: float, other: float) -> bool:
    """The same number, or none twice."""
    return bool(one == other) or (math.isnan(one) and math.isnan(other))
