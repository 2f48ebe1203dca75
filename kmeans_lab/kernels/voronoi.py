"""The plane colored by nearest center: labels of a grid of points, chunk by chunk."""

from operator import index

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DataError
from ._jit import warm
from .envelope import label_points

CHUNK = 1 << 20  # points a kernel call: what is held beside the result, how soon Ctrl-C is heard
LARGEST = 1e150  # coordinates beyond it have squared distances that overflow


def label_grid(
    centers: ArrayLike,
    extent: tuple[float, float, float, float],
    resolution: int | tuple[int, int],
    offsets: ArrayLike | None = None,
) -> NDArray[np.unsignedinteger]:
    """Index of the nearest center, the lowest on a tie, of every point of a grid.

    centers: (k, 2), k up to 65536.
    extent: x_min, x_max, y_min, y_max of the grid, in the centers' unit.
    resolution: points on each side, n or (rows, cols), spaced as np.linspace does.
    offsets: (k,), added to the squared distances to each center. It makes the plane a slice of a
    space of more features: there the offset is a center's squared distance to the plane.
    Gives (rows, cols), row 0 at y_min, uint8 for k up to 256 and uint16 above.
    Raises DataError where something has another form or is not finite, or so large that squared
    distances would overflow.
    """
    points = _finite(centers, "centers")
    if points.ndim != 2 or points.shape[1] != 2 or not 1 <= len(points) <= 65536:
        raise DataError(f"centers: shape {points.shape}; allowed: (k, 2), k from 1 to 65536")
    sides = _finite(extent, "extent")
    if sides.shape != (4,):
        raise DataError(f"extent: shape {sides.shape}; allowed: (x_min, x_max, y_min, y_max)")
    added = np.zeros(len(points)) if offsets is None else _finite(offsets, "offsets", LARGEST**2)
    if added.shape != (len(points),):
        raise DataError(f"offsets: shape {added.shape}; allowed: ({len(points)},), one a center")
    rows, cols = _resolution(resolution)
    return _label(sides, rows, cols, points, added)


def _finite(values: ArrayLike, name: str, largest: float = LARGEST) -> NDArray[np.float64]:
    try:
        array = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(
            f"{name}: no numbers but {type(values).__name__}; allowed: numbers"
        ) from None
    bad = array[~(np.abs(array) <= largest)]
    if bad.size:
        raise DataError(f"{name}: found {bad[0]}; allowed: magnitudes up to {largest:g}")
    return array


def _resolution(resolution: int | tuple[int, int]) -> tuple[int, int]:
    pair = resolution if isinstance(resolution, tuple | list) else (resolution, resolution)
    try:
        rows, cols = map(index, pair)
        if min(rows, cols) >= 1:
            return rows, cols
    except (TypeError, ValueError):
        pass
    raise DataError(f"resolution: {resolution!r}; allowed: n or (rows, cols), integers from 1")


def _label(
    sides: NDArray[np.float64],
    rows: int,
    cols: int,
    centers: NDArray[np.float64],
    offsets: NDArray[np.float64],
) -> NDArray[np.unsignedinteger]:
    warm()
    order = np.argsort(centers[:, 0], kind="stable")
    narrow = len(centers) <= 256
    labels = np.empty((rows, cols), np.uint8 if narrow else np.uint16)
    height = max(1, CHUNK // cols)
    halves = np.empty(0 if narrow else 2 * min(height, rows) * cols, np.uint8)
    for top in range(0, rows, height):
        band = labels[top : top + height].reshape(1, -1)
        written = band if narrow else halves[: 2 * band.size].reshape(2, -1)
        label_points(sides, rows, cols, top, centers, offsets, order, written)
        if not narrow:
            band[:] = written[1]
            band *= 256
            band += written[0]
    return labels
