"""Where two starts of a cell may put a place into different clusters: the map of doubt as data."""

from typing import TYPE_CHECKING

import numpy as np

from ..kernels.voronoi import label_grid
from ..pictures.doubt import DoubtInfo
from ..pictures.places import limits_of
from ..pictures.plane import plane
from ..spec.plan import Cell
from .atlas import atlas, frequent

if TYPE_CHECKING:
    from .study import Study

ROWS, COLS = 240, 330  # cells of a map
LINE = 2000  # places along one feature


def doubt(study: "Study", cell: Cell) -> DoubtInfo:
    """How often the converged starts of a cell put places and points elsewhere than optimum 1.

    Each optimum counts by its starts; clusters are matched to those of optimum 1.
    """
    data = study.dataset(cell.dataset)
    numbers, starts, converged = frequent(study, cell)
    if not numbers:
        return DoubtInfo(data.X, data.columns, np.empty((0, 0)), np.zeros(len(data.X)), 0)
    found = atlas(study, cell, [1, *numbers])
    weights = starts / starts.sum()
    elsewhere = weights @ (found.labels[1:] != found.labels[0])
    extent, shape = limits_of(plane(data.X).project(data.X)[0]), (ROWS, COLS)
    if data.X.shape[1] == 1:
        extent, shape = (*extent[:2], 0.0, 0.0), (1, LINE)
    best, *others = (
        label_grid(*centers[:1], extent, shape, centers[1])
        for centers in zip(found.places, found.offsets, strict=True)
    )
    grid = np.zeros(shape)
    for weight, labels in zip(weights, others, strict=True):
        grid += weight * (labels != best)
    left_out = float(1 - starts.sum() / converged)
    return DoubtInfo(
        data.X, data.columns, grid, elsewhere, len(numbers), extent, found.places[0],
        found.offsets[0], left_out,
    )  # fmt: skip
