"""What the page's explorer holds, as plain data: every start, or a sample by a stated rule.

A film is computed in the page from a start's first centers, which the study does not keep: they
are made again from the seeds, or read where they were recorded.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..choices import PICKS
from ..errors import SpecError
from ..kernels.lloyd import STATUS
from ..landscape import nearest
from ..spec.plan import Cell
from ..study.traces import first_centers
from ..wording import count
from .findings import Pair, pairs_of

if TYPE_CHECKING:
    from ..study.study import Study

DOTS = 40_000  # in a page, evenly divided among the cells
MOST = 10_000  # of a cell
FAILED = STATUS.index("error")

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Dots(NamedTuple):
    """The starts of a cell that are shown, R of them by rising seed."""

    cell: Cell
    starts: int  # of the cell
    every: int  # by seed, one in so many is shown, besides those that stand for something
    seeds: Ints  # (R,)
    ranks: Ints  # (R,), place from 0 among the outcomes of the cell by inertia, then seed; or -1
    status: NDArray[np.int8]  # (R,), index into STATUS
    n_iter: Ints  # (R,)
    inertia: Floats  # (R,), NaN without an outcome
    silhouette: Floats  # (R,), NaN where undefined or not recorded
    optimum: Ints  # (R,), from 1; 0 for none
    picks: dict[str, int]  # best, median and worst as places in these arrays
    firsts: Floats | None  # (R, k, d), first centers, NaN where the initializer failed
    why: str  # there are none


class Board(NamedTuple):
    """The starts of a data set and k."""

    pair: Pair
    best: float  # the lowest inertia known, NaN for none
    labels: Ints  # (n,), those of the best start, which the colors of films follow
    dots: tuple[Dots, ...]


def boards(study: "Study") -> tuple[Board, ...]:
    """A board for each data set and k, in the spec's order."""
    most = max(1, min(MOST, DOTS // len(study.cells)))
    return tuple(_board(study, pair, most) for pair in pairs_of(study))


def _board(study: "Study", pair: Pair, most: int) -> Board:
    dots = tuple(_dots(study, cell, most) for cell in pair.cells)
    return Board(pair, study.best(pair.dataset, pair.k), _labels(study, pair), dots)


def _labels(study: "Study", pair: Pair) -> Ints:
    X = study.dataset(pair.dataset).X
    runs = study.runs[study.runs["run"].isin(_runs_of(study, pair))]
    ended = runs[runs["inertia"].notna()]
    if ended.empty:
        return np.zeros(len(X), np.int64)
    centers = ended.sort_values(["inertia", "run"])["centers"].iloc[0]
    return nearest(X, np.reshape(centers, (pair.k, -1))).astype(np.int64)


def _runs_of(study: "Study", pair: Pair) -> Ints:
    return np.concatenate([study.starts(cell)["run"].to_numpy() for cell in pair.cells])


def _dots(study: "Study", cell: Cell, most: int) -> Dots:
    """The dots of a cell: see `shown` for which of its starts they are."""
    starts = study.starts(cell).sort_values("seed")
    runs, inertia = starts["run"].to_numpy(), starts["inertia"].to_numpy(dtype=np.float64)
    chosen = {pick: study.chosen(pick, cell) for pick in PICKS}
    places = {
        p: int(np.flatnonzero(runs == run)[0]) for p, run in chosen.items() if run is not None
    }
    optimum = _optima(study, cell, starts)
    every, kept = shown(optimum, [*places.values()], most)
    firsts, why = _firsts(study, cell, starts["seed"].to_numpy()[kept], runs[kept])
    return Dots(
        cell,
        len(starts),
        every,
        starts["seed"].to_numpy()[kept],
        _ranks(inertia)[kept],
        np.array([STATUS.index(status) for status in starts["status"]], np.int8)[kept],
        starts["n_iter"].to_numpy(np.int64)[kept],
        inertia[kept],
        starts["silhouette"].to_numpy(dtype=np.float64)[kept],
        optimum[kept],
        {pick: int(np.searchsorted(kept, place)) for pick, place in places.items()},
        firsts,
        why,
    )


def shown(optimum: Ints, always: Sequence[int], most: int) -> tuple[int, Ints]:
    """Which starts have a dot: one in every so many, and their places (R,).

    optimum: (N,), the optimum of each start, 0 for none. Every m-th is shown, with m the smallest
    that leaves no more than `most`; and besides them those of `always` and the first of each
    optimum, however many those are.

    >>> shown(np.array([1, 1, 1, 1, 2, 1]), [3], 2)
    (3, array([0, 3, 4]))
    """
    every = max(1, -(-len(optimum) // most))
    found, firsts = np.unique(optimum, return_index=True)
    kept = [np.arange(0, len(optimum), every), firsts[found > 0], np.array(always, np.int64)]
    return every, np.unique(np.concatenate(kept)).astype(np.int64)


def _ranks(inertia: Floats) -> Ints:
    order = np.argsort(inertia, kind="stable")
    ranks = np.empty(len(inertia), np.int64)
    ranks[order] = np.arange(len(inertia))
    return np.where(np.isnan(inertia), -1, ranks)


def _optima(study: "Study", cell: Cell, starts: Any) -> Ints:
    table = study.optima
    mine = table[(table["dataset"] == cell.dataset) & (table["k"] == cell.k)]
    numbers = dict(zip(mine["partition"], mine["optimum"], strict=True))
    ends = starts["partition"].where(starts["status"] == "converged")
    return np.asarray(ends.map(numbers).fillna(0), np.int64)


def _firsts(study: "Study", cell: Cell, seeds: Ints, runs: Ints) -> tuple[Floats | None, str]:
    try:
        return first_centers(study, cell, seeds, runs), ""
    except SpecError as error:
        return None, str(error)


def rule(dots: Dots) -> str:
    """Which of its starts a cell shows, where it is not all of them; else ""."""
    if len(dots.seeds) == dots.starts:
        return ""
    return (
        f"{dots.cell.label}: {count(len(dots.seeds))} of {count(dots.starts)} starts are shown, "
        f"one seed in {count(dots.every)}, and besides them the first start of every optimum, the "
        "best, the median and the worst."
    )
