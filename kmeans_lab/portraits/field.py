"""Where a first center is put: the plane it is swept over, and the first centers that gives.

With two features the plane is that of the data. With more, the center moves along the first two
principal components from its own place, and what it has beside them stays as it was. With one
feature there is no plane, so two centers are swept, one along each side.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..pictures.plane import Extent, extent_of, plane

Floats = NDArray[np.float64]

BESIDE = (
    "{} features: center {} moves along the first two principal components; what it has beside "
    "them stays as in the start."
)
TWO = (
    "One feature: centers {} and {} are swept, one along each side. Places mirrored at the "
    "diagonal give the same centers; on it both begin as one."
)
ALONE = "One feature, one center: height means nothing."


class Field(NamedTuple):
    """First centers `base` + u `across` + v `up`, for each place (u, v) of a plane."""

    base: Floats  # (k, d)
    across: Floats  # (k, d)
    up: Floats  # (k, d)
    swept: tuple[int, ...]  # the centers that move, from 0
    place: Floats  # (2,), where they are in the start itself
    centers: Floats  # (k, 2), the start's own, in the plane
    points: Floats  # (n, 2), in the plane
    extent: Extent  # of the places
    axes: tuple[str, str]
    notes: tuple[str, ...]
    flat: bool = False  # one feature

    def sides(self, resolution: int) -> tuple[Floats, Floats]:
        """The places u (resolution,) and v (resolution,), spaced as those of `label_grid`."""
        x_min, x_max, y_min, y_max = self.extent
        return np.linspace(x_min, x_max, resolution), np.linspace(y_min, y_max, resolution)

    def firsts(self, resolution: int, begin: int, end: int) -> Floats:
        """First centers (end − begin, k, d) of some places, row by row, the lowest row first."""
        u, v = self.sides(resolution)
        row, col = np.divmod(np.arange(begin, end), resolution)
        return self.base + u[col, None, None] * self.across + v[row, None, None] * self.up


def field(
    X: Floats, columns: Sequence[str], first: Floats, center: int, against: int | None = None
) -> Field:
    """The field of center `center`, from 0, of the first centers `first` (k, d) on `X` (n, d).

    against: the center that is swept on the other side where there is one feature, if any.
    """
    if X.shape[1] == 1:
        return _of_line(X, columns, first, center, against)
    view = plane(X, columns)
    points, centers = view.project(X)[0], view.project(first)[0]
    base, across, up = first.copy(), np.zeros_like(first), np.zeros_like(first)
    across[center], up[center] = view.directions.T
    base[center] -= centers[center] @ view.directions.T
    extent = extent_of(points, centers)[0]
    names = view.axes
    more: tuple[str, ...] = ()
    if X.shape[1] > 2:
        names = names[0].removeprefix("principal "), names[1].removeprefix("principal ")
        more = (BESIDE.format(X.shape[1], center + 1),)
    place = centers[center]
    return Field(base, across, up, (center,), place, centers, points, extent, names, more)


def _of_line(
    X: Floats, columns: Sequence[str], first: Floats, center: int, against: int | None
) -> Field:
    """One feature: two centers along the two sides; a single one along the first."""
    swept = (center,) if against is None else (center, against)
    base, across, up = first.copy(), np.zeros_like(first), np.zeros_like(first)
    base[[*swept]], across[center] = 0.0, 1.0
    if against is not None:
        up[against] = 1.0
    points, centers = np.repeat(X, 2, axis=1), np.repeat(first, 2, axis=1)
    extent, place = extent_of(points, centers)[0], first[[center, swept[-1]], 0]
    axes = f"{columns[0]} of center {center + 1}", f"{columns[0]} of center {swept[-1] + 1}"
    note = TWO.format(center + 1, swept[-1] + 1)
    if against is None:
        axes, note = (axes[0], ""), ALONE
    return Field(base, across, up, swept, place, centers, points, extent, axes, (note,), True)
