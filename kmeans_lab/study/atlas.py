"""The optima of a data set and k side by side, the clusters of each named as those of the best."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..landscape import match_labels, nearest
from ..pictures.plane import plane
from ..spec.plan import Cell

if TYPE_CHECKING:
    from .study import Study

COVERED = 0.999  # of the converged starts of a cell: whose optima are enough to look at
MOST = 1000  # optima, at most,
WORK = 2 * 10**9  # fewer where their products n d k come to more in all: some seconds
LEAST = 20  # what d k counts at least: labels take room


class Atlas(NamedTuple):
    """m optima of a data set and k, the clusters of each named as those of optimum 1."""

    labels: NDArray[np.uint16]  # (m, n)
    places: NDArray[np.float64]  # (m, k, 2), of the centers in the plane of the picture
    offsets: NDArray[np.float64]  # (m, k), their squared distances to it


def atlas(study: "Study", cell: Cell, numbers: list[int]) -> Atlas:
    """The optima of these numbers, 1 being the best of the cell's data set and k."""
    data = study.dataset(cell.dataset)
    ends = _centers(study, cell, [1, *numbers])
    rows = [nearest(data.X, centers) for centers in ends]
    first = rows[0]
    view = plane(data.X, data.columns)
    labels = np.empty((len(numbers), len(first)), np.uint16)
    for row, (mine, centers) in enumerate(zip(rows[1:], ends[1:], strict=True)):
        names = match_labels(first, mine, cell.k)
        labels[row] = names[mine]
        ends[row + 1] = centers[np.argsort(names)]
    places, offsets = view.project(ends[1:])
    return Atlas(labels, places, offsets)


def frequent(study: "Study", cell: Cell) -> tuple[list[int], NDArray[np.int64], int]:
    """Numbers of a cell's most frequent optima, the starts in each, and all that converged.

    As many as cover 99.9 % of these, 1000 at most, of large data fewer, but the first in any case.
    """
    mine, column = optima_of(study, cell), f"starts[{cell.init}]"
    if mine.empty or column not in mine:  # where no start of the init is stored yet
        return [], np.empty(0, np.int64), 0
    starts = mine.set_index("optimum")[column]
    starts = starts[starts > 0].sort_values(ascending=False, kind="stable")
    total = int(starts.sum())
    enough = int((starts.cumsum() < COVERED * total).sum()) + 1
    n, d = study.dataset(cell.dataset).X.shape
    most = min(MOST, max(1, WORK // (n * max(d * cell.k, LEAST))))
    kept = starts.iloc[: min(enough, most)]
    return kept.index.tolist(), kept.to_numpy(np.int64), total


def optima_of(study: "Study", cell: Cell) -> pd.DataFrame:
    """The optima of a cell's data set and k, by rising inertia."""
    every = study.optima
    return every[(every["dataset"] == cell.dataset) & (every["k"] == cell.k)]


def shares_of(found: pd.DataFrame, init: str) -> Any:
    """Share of an init's starts that end in each optimum; 0 where it has no start at all."""
    column = f"share[{init}]"
    if column not in found:
        return np.zeros(len(found))
    return found[column].fillna(0.0).to_numpy()


def _centers(study: "Study", cell: Cell, numbers: list[int]) -> NDArray[np.float64]:
    """Centers (m, k, d) of the first start that ended in each of some optima."""
    runs = optima_of(study, cell).set_index("optimum")["run"].loc[numbers]
    rows: Any = study.runs.set_index("run")["centers"].loc[runs]
    return np.stack(rows.to_list()).reshape(len(numbers), cell.k, -1)
