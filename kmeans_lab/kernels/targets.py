"""The points whose silhouettes are averaged, and their distances as whole numbers.

Distances are rounded down to multiples of one small unit of the data, so that their sums are exact
integers: the same bits in any order of the points, added at once or changed point by point.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import frozen, inner, kernel, readonly, warm
from .memory import WORDS, Words, words_of

F1, F2 = readonly(types.float64, 1), readonly(types.float64, 2)

SAMPLE = 1000  # targets of an estimate: a standard error near 0.01
SMALL = 512  # points up to which every sum is kept: a matrix of 2 MB stays in cache
STORED = 6000  # points up to which the matrix is kept (288 MB) where there are many features
MANY = 8  # features from which a distance is slower to compute than to fetch
TILE = 64  # targets whose bounds are looked at together
LANES = 8  # rows are padded with zeros to a multiple of it: no loop has a remainder

FINEST = 50  # bits of the unit below the spread of the data; a float64 has hardly more
EXACT_MEAN = 2.0**35  # units from which a mean is exact to 3e-11 of itself
ROUGH_MEAN = 2.0**24  # units from which it is exact enough for an estimate


class Targets(NamedTuple):
    """What all silhouettes of a data set share; read-only."""

    points: NDArray[np.float64]  # (d, n), by feature, centered, scaled to distances of at most 1
    aims: NDArray[np.float64]  # (d, m), those of them that are targets
    rows: NDArray[np.int64]  # (m,), the targets' columns in points; m = 0: no silhouette is wanted
    hubs: NDArray[np.float64]  # (tiles, d), a center of each tile of targets
    reach: NDArray[np.float64]  # (tiles,), the farthest that one is from it
    matrix: NDArray[np.int64]  # (n, n padded) distances in units, or (0, 0): computed as needed
    whole: NDArray[np.int64]  # (n padded,), the sum of its rows; (0,) for more than SMALL points
    words: Words  # random bits of each point, by its row in the data
    unit: float  # units in 1
    coarse: float  # a mean distance of less, in units, is computed anew in floating point
    estimated: bool  # whether the targets are a sample


I1, I2 = readonly(types.int64, 1), readonly(types.int64, 2)
TARGETS = types.NamedTuple(
    [F2, F2, I1, F2, F1, I2, I1, WORDS, types.float64, types.float64, types.boolean], Targets
)


def targets(XT: NDArray[np.float64], mode: str, order: NDArray[np.int64] | None = None) -> Targets:
    """Targets of `mode` exact, sampled or none in `XT` (d, n); a sample depends on n alone.

    order: (n,), the row in the data that each column of XT is; by default they are the same.
    """
    n = XT.shape[1]
    order = np.arange(n) if order is None else order
    sampled = mode == "sampled"
    rows = np.arange(0 if mode == "none" else n)
    if sampled and n > SAMPLE:
        rows = np.flatnonzero(np.isin(order, sampled_rows(n)))
    points = frozen(normal(XT))
    unit = 2.0 ** min(FINEST, 62 - n.bit_length())  # a sum of n distances is below 2**63
    matrix = np.zeros((0, 0), np.int64)
    if len(rows) == n and stored(*XT.shape[::-1]):
        warm()
        matrix = np.zeros((n, padded(n)), np.int64)
        fill_distances(points, unit, matrix)
    aims = points if len(rows) == n else frozen(points[:, rows])
    hubs, reach = balls(aims)
    whole = matrix.sum(axis=0) if n <= SMALL else np.zeros(0, np.int64)
    return Targets(
        points,
        aims,
        frozen(rows),
        frozen(hubs),
        frozen(reach),
        frozen(matrix),
        frozen(whole),
        words_of(order),
        unit,
        ROUGH_MEAN if len(rows) < n else EXACT_MEAN,
        sampled,
    )


def sampled_rows(n: int) -> NDArray[np.int64]:
    """Rows (SAMPLE,) of the sample of n points, in order; n is larger than SAMPLE."""
    return np.sort(np.random.default_rng(0).choice(n, size=SAMPLE, replace=False))


def stored(n: int, d: int) -> bool:
    """Whether the distances of n points with d features are kept in memory."""
    return n <= SMALL or (n <= STORED and d >= MANY)


def padded(m: int, multiple: int = LANES) -> int:
    """The least multiple that m fits in."""
    return -(-m // multiple) * multiple


def balls(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A center (tiles, d) of each tile of `points` (d, m), and the farthest that one is from it."""
    tiles = [points[:, start : start + TILE] for start in range(0, points.shape[1], TILE)]
    hubs = np.array([(tile.min(axis=1) + tile.max(axis=1)) / 2 for tile in tiles])
    far = [
        np.sqrt(((tile.T - hub) ** 2).sum(axis=1).max())
        for tile, hub in zip(tiles, hubs, strict=True)
    ]
    return hubs.reshape(-1, len(points)), np.array(far)


def normal(XT: NDArray[np.float64]) -> NDArray[np.float64]:
    """`XT` (d, n) moved to the origin and scaled by a power of two: no distance is above 1."""
    middle, exponent = place_of(XT.min(axis=1), XT.max(axis=1))
    scaled: NDArray[np.float64] = np.ldexp(XT - middle[:, None], -exponent)
    return scaled


def place_of(
    low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], int]:
    """Middle (d,) of the data between `low` and `high` (d,), exponent of the unit that holds it."""
    exponent = np.frexp(high - low)[1].max() + np.frexp(np.sqrt(len(low)))[1]
    return low + (high - low) / 2, int(exponent)


@inner
def squares(points, start, stop, point, line):
    """Squared distances of `points[:, start:stop]` (d, n) to `point` (d,); line [modified]."""
    for j in range(points.shape[0]):
        x = points[j, start:stop]
        c = point[j]
        out = line[: x.size]
        if j == 0:
            for i in range(x.size):
                out[i] = (x[i] - c) * (x[i] - c)
        else:
            for i in range(x.size):
                out[i] += (x[i] - c) * (x[i] - c)


@kernel(types.void(F2, types.float64, types.int64[:, ::1]))
def fill_distances(points, unit, matrix):
    """Distances between all of `points` (d, n), in units; matrix (n, n padded) [modified]."""
    n = points.shape[1]
    line = np.empty(n)
    for i in range(n):
        squares(points, 0, n, points[:, i], line)
        row = matrix[i, :n]
        for j in range(n):
            row[j] = np.int64(np.sqrt(line[j]) * unit)
