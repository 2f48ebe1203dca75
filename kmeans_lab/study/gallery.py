"""The optima of a data set and k as a gallery: the best one, and those with the largest basins."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..pictures.gallery import PANELS, GalleryInfo
from ..pictures.spots import BasinsInfo, notable
from ..spec.plan import Cell
from .atlas import atlas, optima_of, shares_of

if TYPE_CHECKING:
    from .study import Study


def gallery(study: "Study", cells: Sequence[Cell]) -> GalleryInfo:
    """The optima that some cells of one data set and k end in."""
    cell, data = cells[0], study.dataset(cells[0].dataset)
    found = optima_of(study, cell)
    names = [each.init for each in cells]
    shares = {init: shares_of(found, init) for init in names}
    if found.empty:
        empty = np.empty((0, len(data.X)), np.uint16)
        return GalleryInfo(data.X, data.columns, [], [], [], [], shares, empty, [], np.empty(0))
    shown = notable(BasinsInfo(found["inertia"].to_numpy(), shares), PANELS)
    rows = found.iloc[shown]
    numbers = rows["optimum"].tolist()
    drawn = atlas(study, cell, [1, *numbers])
    return GalleryInfo(
        data.X,
        data.columns,
        numbers,
        rows["inertia"].tolist(),
        rows["gap"].tolist(),
        rows["silhouette"].tolist(),
        {init: every[shown] for init, every in shares.items()},
        drawn.labels[1:],
        drawn.labels[0],
        drawn.places[1:],
        len(found) - len(shown),
    )
