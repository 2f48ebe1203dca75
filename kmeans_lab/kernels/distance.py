"""Squared Euclidean distances and the nearest center, exactly as written on paper.

A distance is the sum of (x - c)**2 in float64, left to right over the features, never expanded and
never fused, so labels are the same on every machine and at any offset of the data.
"""

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import bare, kernel, lean, readonly, warm

BLOCK = 256  # points a pass; what a pass touches stays in the first-level cache
PART = 1 << 16  # points that are brought by feature at a time
SIDE_BY_SIDE = 4  # points whose sums are taken together

F1 = readonly(types.float64, 1)
F2 = readonly(types.float64, 2)


@lean
def squared(XT, start, stop, center, out):
    """Squared distances of `XT[:, start:stop]` (d, n) to `center` (d,); out [modified]."""
    x, c = XT[0, start:stop], center[0]
    if XT.shape[0] == 1:
        for i in range(x.size):
            out[i] = (x[i] - c) * (x[i] - c)
        return
    y, e = XT[1, start:stop], center[1]
    for i in range(x.size):
        out[i] = (x[i] - c) * (x[i] - c) + (y[i] - e) * (y[i] - e)
    for j in range(2, XT.shape[0]):
        x, c = XT[j, start:stop], center[j]
        for i in range(x.size):
            out[i] += (x[i] - c) * (x[i] - c)


@lean
def contest(x, y, centers, index, best):
    """The nearest center of points (x[i], y[i]): two features in one loop, saving a third."""
    for c in range(centers.shape[0]):
        a, b = centers[c, 0], centers[c, 1]
        for i in range(best.size):
            distance = (x[i] - a) * (x[i] - a) + (y[i] - b) * (y[i] - b)
            nearer = c == 0 or distance < best[i]
            index[i] = c if nearer else index[i]
            best[i] = distance if nearer else best[i]


@kernel(
    types.void(F2, F2, types.float64[::1], types.int64[::1], types.uint16[::1], types.float64[::1]),
    bare,
)
def assign(XT, centers, rival, nearest, labels, distances):
    """Label each point with its nearest center, the lowest index on a tie (law of the assign).

    XT: (d, n), the points by feature. centers: (k, d). rival, nearest: (BLOCK,) scratch.
    labels: (n,) [modified]. distances: (n,), each point's smallest squared distance [modified].
    """
    n = XT.shape[1]
    # Points in the inner loop and indices as wide as distances: this vectorizes, a scalar minimum
    # over the centers does not.
    for start in range(0, n, BLOCK):
        stop = min(start + BLOCK, n)
        best, index, label = distances[start:stop], nearest[: stop - start], labels[start:stop]
        if XT.shape[0] == 2:
            contest(XT[0, start:stop], XT[1, start:stop], centers, index, best)
        else:
            other = rival[: stop - start]
            squared(XT, start, stop, centers[0], best)
            index[:] = 0
            for c in range(1, centers.shape[0]):
                squared(XT, start, stop, centers[c], other)
                for i in range(best.size):
                    nearer = other[i] < best[i]
                    index[i] = c if nearer else index[i]
                    best[i] = other[i] if nearer else best[i]
        for i in range(label.size):
            label[i] = np.uint16(index[i])


@lean
def own_in_plane(x, y, centers, labels, distances):
    """`to_own` with two features."""
    for i in range(labels.size):
        a, b = x[i] - centers[labels[i], 0], y[i] - centers[labels[i], 1]
        distances[i] = a * a + b * b


@lean
def own_in_rows(X, centers, labels, distances, room):
    """`to_own` by rows, four sums side by side: each addition waits for the one before."""
    last = labels.size - 1
    for first in range(0, labels.size, SIDE_BY_SIDE):
        for r in range(SIDE_BY_SIDE):
            i = min(first + r, last)
            row, center, out = X[i], centers[labels[i]], room[r]
            for j in range(row.size):
                out[j] = (row[j] - center[j]) * (row[j] - center[j])
        r0, r1, r2, r3 = room[0], room[1], room[2], room[3]
        s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
        for j in range(r0.size):
            s0 += r0[j]
            s1 += r1[j]
            s2 += r2[j]
            s3 += r3[j]
        distances[min(first + 3, last)] = s3
        distances[min(first + 2, last)] = s2
        distances[min(first + 1, last)] = s1
        distances[first] = s0


@kernel(
    types.void(F2, F2, F2, readonly(types.uint16, 1), types.float64[::1], types.float64[:, ::1]),
    bare,
)
def to_own(XT, X, centers, labels, distances, room):
    """Squared distance of each point to the center of its label, as `assign` would give it.

    XT: (d, n). X: (n, d), needed where d is not 2. centers: (k, d). labels: (n,).
    distances: (n,) [modified]. room: (SIDE_BY_SIDE, d) [modified].
    """
    if XT.shape[0] == 2:
        own_in_plane(XT[0], XT[1], centers, labels, distances)
    else:
        own_in_rows(X, centers, labels, distances, room)


def nearest(
    X: NDArray[np.float64], centers: NDArray[np.float64]
) -> tuple[NDArray[np.uint16], NDArray[np.float64]]:
    """Label of each of `X` (n, d) and its squared distance to its nearest of `centers` (k, d)."""
    warm()
    labels, distances = np.empty(len(X), np.uint16), np.empty(len(X))
    rival, index = np.empty(BLOCK), np.empty(BLOCK, np.int64)
    centers = np.ascontiguousarray(centers)
    for start in range(0, len(X), PART):
        part = slice(start, start + PART)
        columns = np.ascontiguousarray(X[part].T)
        assign(columns, centers, rival, index, labels[part], distances[part])
    return labels, distances
