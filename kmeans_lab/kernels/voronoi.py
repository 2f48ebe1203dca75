"""The plane colored by nearest center: labels of a grid of points, chunk by chunk."""

from operator import index

import numpy as np
from numba import types
from numpy.typing import ArrayLike, NDArray

from ..errors import DataError
from ._jit import inner, kernel, warm
from .distance import F1, F2

TILE = 16  # points on each side of what shares one choice of centers to compare
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
    x = np.linspace(sides[0], sides[1], cols)
    y = np.linspace(sides[2], sides[3], rows)
    return _label(x, y, points, added)


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
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    centers: NDArray[np.float64],
    offsets: NDArray[np.float64],
) -> NDArray[np.unsignedinteger]:
    warm()
    labels = np.empty((len(y), len(x)), np.uint8 if len(centers) <= 256 else np.uint16)
    height = max(1, CHUNK // len(x))
    chunk = np.empty((min(height, len(y)), len(x)), np.uint16)
    for top in range(0, len(y), height):
        band = labels[top : top + height]
        label_points(x, y[top : top + height], centers, offsets, chunk[: len(band)])
        band[:] = chunk[: len(band)]
    return labels


@inner
def bounds(low, high, center):
    """Smallest and largest squared difference to `center` of coordinates from `low` to `high`.

    Rounding keeps order, so bounds of what is computed are computed alike and hold to the bit.
    """
    below, above = low - center, high - center
    nearest = 0.0 if below < 0.0 < above else min(below * below, above * above)
    return nearest, max(below * below, above * above)


@inner
def contend(x, y, centers, offsets, lowest, contenders):
    """Number of centers that can be nearest somewhere in a tile of points; the rest never are.

    lowest: (k,) [modified]. contenders: (k,), their indices in order [modified].
    """
    west, east, south, north = x.min(), x.max(), y.min(), y.max()
    limit = np.inf
    for c in range(offsets.size):
        near_x, far_x = bounds(west, east, centers[c, 0])
        near_y, far_y = bounds(south, north, centers[c, 1])
        lowest[c] = near_x + near_y + offsets[c]
        limit = min(limit, far_x + far_y + offsets[c])
    count = 0
    for c in range(offsets.size):
        if lowest[c] <= limit:
            contenders[count] = c
            count += 1
    return count


@inner
def label_row(x, y, centers, offsets, contenders, label, smallest):
    """Label the points (x[i], y) with the nearest of `contenders`, the lowest index on a tie.

    label: (cols,) int64 [modified]. smallest: (cols,) squared distances [modified].
    """
    smallest[:] = np.inf
    for c in contenders:
        across, offset = centers[c, 0], offsets[c]
        up = (y - centers[c, 1]) * (y - centers[c, 1])
        # Points in the inner loop, indices as wide as distances: so it vectorizes.
        for i in range(x.size):
            distance = (x[i] - across) * (x[i] - across) + up + offset
            nearer = distance < smallest[i]
            label[i] = c if nearer else label[i]
            smallest[i] = distance if nearer else smallest[i]


@kernel(types.void(F1, F1, F2, F1, types.uint16[:, ::1]))
def label_points(x, y, centers, offsets, labels):
    """Label the points (x[i], y[r]) with the nearest center, the lowest index on a tie.

    x: (cols,). y: (rows,). centers: (k, 2). offsets: (k,), added to squared distances.
    labels: (rows, cols) [modified].
    """
    k = centers.shape[0]
    lowest, contenders = np.empty(k), np.empty(k, np.int64)
    nearest, smallest = np.empty(TILE, np.int64), np.empty(TILE)
    for top in range(0, y.size, TILE):
        ys = y[top : top + TILE]
        for left in range(0, x.size, TILE):
            xs = x[left : left + TILE]
            count = contend(xs, ys, centers, offsets, lowest, contenders)
            label, distance = nearest[: xs.size], smallest[: xs.size]
            label[:] = contenders[0]
            for r in range(ys.size):
                if count > 1:
                    label_row(xs, ys[r], centers, offsets, contenders[:count], label, distance)
                row = labels[top + r, left : left + xs.size]
                for i in range(xs.size):
                    row[i] = np.uint16(label[i])
