"""Squared Euclidean distances and the nearest center, exactly as written on paper.

A distance is the sum of (x - c)**2 in float64, left to right over the features, never expanded and
never fused, so labels are the same on every machine and at any offset of the data.
"""

import numpy as np
from numba import types

from ._jit import inner, kernel, readonly

BLOCK = 256  # points a pass; what a pass touches stays in the first-level cache

F1 = readonly(types.float64, 1)
F2 = readonly(types.float64, 2)


@inner
def squared(XT, start, stop, center, out):
    """Squared distances of `XT[:, start:stop]` (d, n) to `center` (d,); out [modified]."""
    for j in range(XT.shape[0]):
        x = XT[j, start:stop]
        c = center[j]
        if j == 0:
            for i in range(x.size):
                out[i] = (x[i] - c) * (x[i] - c)
        else:
            for i in range(x.size):
                out[i] += (x[i] - c) * (x[i] - c)


@kernel(types.void(F2, F2, types.uint16[::1], types.float64[::1]))
def assign(XT, centers, labels, distances):
    """Label each point with its nearest center, the lowest index on a tie (law of the assign).

    XT: (d, n), the points by feature. centers: (k, d). labels: (n,) [modified].
    distances: (n,), each point's smallest squared distance [modified].
    """
    n = XT.shape[1]
    rival, nearest = np.empty(BLOCK), np.empty(BLOCK, np.int64)
    # Points in the inner loop and indices as wide as distances: this vectorizes, a scalar minimum
    # over the centers does not.
    for start in range(0, n, BLOCK):
        stop = min(start + BLOCK, n)
        best, other, index = distances[start:stop], rival[: stop - start], nearest[: stop - start]
        squared(XT, start, stop, centers[0], best)
        index[:] = 0
        for c in range(1, centers.shape[0]):
            squared(XT, start, stop, centers[c], other)
            for i in range(best.size):
                nearer = other[i] < best[i]
                index[i] = c if nearer else index[i]
                best[i] = other[i] if nearer else best[i]
        label = labels[start:stop]
        for i in range(label.size):
            label[i] = np.uint16(index[i])
