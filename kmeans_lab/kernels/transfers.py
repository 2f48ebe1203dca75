"""Hartigan's single-point transfers: partitions that giving one point away does not improve.

As the centers move along, a point leaves its cluster of m points to a gain of m / (m - 1) times its
squared distance from the center, and joins another of m points at m / (m + 1) times that. So more
partitions are improved than those that Lloyd's step improves.
Sources: Hartigan, Clustering algorithms (1975), chapter 4; Hartigan and Wong, Algorithm AS 136: a
k-means clustering algorithm (1979).
"""

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import bare, kernel, lean, warm
from .distance import F2
from .exact import fsum

MARGIN = 1e-9  # of what a point leaves: a smaller gain is rounding


@lean
def away(point, center):
    """Squared distance of a point (d,) from a center (d,)."""
    total = 0.0
    for j in range(point.size):
        total += (point[j] - center[j]) * (point[j] - center[j])
    return total


@kernel(
    types.int64(
        F2,
        types.float64[:, ::1],
        types.int64[::1],
        types.uint16[::1],
        types.float64,
        types.boolean,
    ),
    bare,
)
def transfer(X, centers, counts, labels, margin, moving):
    """Number of points that lower the inertia in another cluster; if `moving`, each joins it.

    One pass in the points' order, each point to the cluster where it costs least. X: (n, d).
    centers: (k, d), the clusters' means. counts: (k,). labels: (n,). margin: share of what a point
    leaves that it has to gain. If moving, centers, counts and labels are [modified].
    """
    found = 0
    for i in range(labels.size):
        own = labels[i]
        if counts[own] < 2:
            continue
        point, target = X[i], own
        least = away(point, centers[own]) * counts[own] / (counts[own] - 1) * (1 - margin)
        for c in range(counts.size):
            cost = away(point, centers[c]) * counts[c] / (counts[c] + 1)
            if c != own and cost < least:
                least, target = cost, c
        if target == own:
            continue
        found += 1
        if moving:
            counts[own] -= 1
            counts[target] += 1
            labels[i] = np.uint16(target)
            for j in range(point.size):
                centers[own, j] -= (point[j] - centers[own, j]) / counts[own]
                centers[target, j] += (point[j] - centers[target, j]) / counts[target]
    return found


def transferred(
    X: NDArray[np.float64], labels: NDArray[np.unsignedinteger], k: int
) -> NDArray[np.uint16]:
    """Labels (n,) of `X` (n, d) below `k` after passes of transfers, until none lowers the inertia.

    Every pass must lower it, or is taken back: so rounding ends them too.
    """
    warm()
    Y, lowest = _centered(X), np.inf
    given = np.array(labels, np.uint16)
    best = given.copy()
    while True:
        centers, counts = _means(Y, given, k)
        inertia = fsum(((Y - centers[given]) ** 2).ravel())
        if not inertia < lowest:
            return best
        best, lowest = given.copy(), inertia
        if not transfer(Y, centers, counts, given, MARGIN, True):
            return best


def improvable(X: NDArray[np.float64], labels: NDArray[np.unsignedinteger], k: int) -> bool:
    """Whether some single transfer lowers the inertia of labels (n,) of `X` (n, d) below `k`."""
    warm()
    Y, given = _centered(X), np.array(labels, np.uint16)
    return bool(transfer(Y, *_means(Y, given, k), given, MARGIN, False))


def _centered(X: NDArray[np.float64]) -> NDArray[np.float64]:
    """The points around their mean, where an offset of the data rounds no distance."""
    return np.ascontiguousarray(X - X.mean(axis=0))


def _means(
    Y: NDArray[np.float64], labels: NDArray[np.uint16], k: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Means (k, d) and numbers of members (k,) of the clusters, 0 where one is empty."""
    counts = np.bincount(labels, minlength=k)
    sums = np.stack([np.bincount(labels, column, k) for column in Y.T], axis=1)
    return sums / np.maximum(counts, 1)[:, None], counts
