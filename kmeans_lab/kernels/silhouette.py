"""The silhouette of a partition: exact over all points, or estimated from a fixed sample of them.

Rousseeuw, Silhouettes: a graphical aid (1987), eq. 1: s = (b - a) / max(a, b), with a the mean
distance to the other members of the own cluster, b the smallest mean distance to another cluster;
0 for a point alone in its cluster.
"""

from typing import NamedTuple, TypeVar

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import inner, kernel, readonly, warm
from .distance import F2, squared

T = TypeVar("T", bound=np.generic)

TILE = 256  # targets a pass; their sums to every cluster stay in cache
STORED = 6000  # points up to which the matrix of distances is kept (288 MB); saves a third
SAMPLE = 1000  # targets of an estimate: a standard error near 0.01


class Targets(NamedTuple):
    """The points whose silhouettes are averaged, and what is known of their distances."""

    points: NDArray[np.float64]  # (d, m), by feature
    rows: NDArray[np.int64]  # (m,), their rows in the data; m = 0: no silhouette is wanted
    matrix: NDArray[np.float64]  # (n, m) Euclidean distances, or (0, 0): computed as needed
    estimated: NDArray[np.bool_]  # (1,), whether they are a sample


TARGETS = types.NamedTuple(
    [
        F2,
        readonly(types.int64, 1),
        F2,
        readonly(types.boolean, 1),
    ],
    Targets,
)


def targets(XT: NDArray[np.float64], mode: str, order: NDArray[np.int64] | None = None) -> Targets:
    """Targets of `mode` exact, sampled or none in `XT` (d, n); a sample depends on n alone.

    order: (n,), each point's row in the data where that is not its place.
    """
    n = XT.shape[1]
    sampled = mode == "sampled"
    rows = np.arange(0 if mode == "none" else n)
    if sampled and n > SAMPLE:
        rows = np.sort(np.random.default_rng(0).choice(n, size=SAMPLE, replace=False))
        if order is not None and len(order):
            rows = np.sort(np.argsort(order)[rows])
    points = frozen(XT[:, rows])
    matrix = np.zeros((0, 0))
    if n <= STORED and len(rows):
        warm()
        matrix = np.empty((n, len(rows)))
        fill_distances(frozen(XT), points, matrix)
    return Targets(points, frozen(rows), frozen(matrix), frozen(np.array([sampled])))


def frozen(array: NDArray[T]) -> NDArray[T]:
    """A read-only C-contiguous view, or copy where there is none: the type the kernels take."""
    view = np.ascontiguousarray(array).view()
    view.setflags(write=False)
    return view


@inner
def euclidean(XT, j, points, start, stop, point, out):
    """Distances of point j of `XT` (d, n) to `points[:, start:stop]` (d, m); out [modified]."""
    for f in range(point.size):
        point[f] = XT[f, j]
    squared(points, start, stop, point, out)
    for i in range(stop - start):
        out[i] = np.sqrt(out[i])


@kernel(types.void(F2, F2, types.float64[:, ::1]))
def fill_distances(XT, points, matrix):
    """Distance of each of `XT` (d, n) to each of `points` (d, m); matrix (n, m) [modified]."""
    point = np.empty(XT.shape[0])
    for j in range(XT.shape[1]):
        euclidean(XT, j, points, 0, points.shape[1], point, matrix[j])


@inner
def width(sums, counts, own, i):
    """Silhouette of target i from its summed distances to each cluster, `sums` (k, tile)."""
    if counts[own] == 1:
        return 0.0
    a = sums[own, i] / (counts[own] - 1)
    b = np.inf
    for c in range(counts.size):
        if c != own and counts[c] > 0:
            b = min(b, sums[c, i] / counts[c])
    return 0.0 if max(a, b) == 0.0 else (b - a) / max(a, b)


@inner
def undefined(counts, n):
    """Whether fewer than two clusters have members, or every point is alone."""
    filled = 0
    for c in range(counts.size):
        filled += counts[c] > 0
    return filled < 2 or filled == n


RESULT = types.UniTuple(types.float64, 2)


@kernel(RESULT(F2, TARGETS, readonly(types.uint16, 1), types.int64[::1]))
def silhouette(XT, aim, labels, counts):
    """Mean silhouette of the targets and, where they are a sample, its standard error; NaN is null.

    XT: (d, n). aim: Targets. labels: (n,). counts: (k,), members of each cluster.
    """
    n, m, k = XT.shape[1], aim.rows.size, counts.size
    if m == 0 or undefined(counts, n):
        return np.nan, np.nan
    sums = np.empty((k, TILE))
    point, line = np.empty(XT.shape[0]), np.empty(TILE)
    total = 0.0
    squares = 0.0
    for start in range(0, m, TILE):
        stop = min(start + TILE, m)
        sums[:, :] = 0.0
        for j in range(n):
            mine = sums[labels[j], : stop - start]
            if aim.matrix.size > 0:
                mine += aim.matrix[j, start:stop]
            else:
                euclidean(XT, j, aim.points, start, stop, point, line)
                mine += line[: stop - start]
        for i in range(stop - start):
            s = width(sums, counts, labels[aim.rows[start + i]], i)
            total += s
            squares += s * s
    mean = total / m
    if not aim.estimated[0]:
        return mean, np.nan
    spread = max(squares / m - mean * mean, 0.0) * m / max(m - 1, 1)
    # The finite-population correction: a sample that is everything has no error.
    return mean, np.sqrt(spread / m * (1.0 - m / n))


def mean_silhouette(X: NDArray[np.float64], labels: NDArray[np.integer]) -> float:
    """Mean silhouette of `X` (n, d) under labels (n,) from 0 to k − 1, each with a member.

    NaN where undefined. Validation is assumed.
    """
    counts = np.bincount(labels)
    if len(counts) < 2 or len(counts) == len(X):
        return float("nan")
    XT = frozen(X.T)
    warm()
    return float(silhouette(XT, targets(XT, "exact"), frozen(labels.astype(np.uint16)), counts)[0])
