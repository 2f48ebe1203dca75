"""Points by their cluster, by counting: each cluster's lie together, in the points' order."""

import numpy as np

from ._jit import inner

UNASSIGNED = 65535  # the label of a point in no cluster


@inner
def grouped(labels, counts, starts, order):
    """Points by their cluster: where each begins (k + 1,), and the points (n,) [modified]."""
    starts[0] = 0
    for c in range(counts.size):
        starts[c + 1] = starts[c] + counts[c]
    for i in range(labels.size):  # each start moves to its cluster's end
        order[starts[labels[i]]] = i
        starts[labels[i]] += 1
    for c in range(counts.size, 0, -1):
        starts[c] = starts[c - 1]
    starts[0] = 0


@inner
def by_cluster(points, labels, k):
    """Some points by their cluster: where each begins (k + 1,), and the points, in order."""
    starts, order = np.zeros(k + 2, np.int64), np.empty(points.size, np.int64)
    for i in points:
        if labels[i] != UNASSIGNED:
            starts[labels[i] + 2] += 1
    for c in range(k):
        starts[c + 2] += starts[c + 1]
    for i in points:
        if labels[i] != UNASSIGNED:
            order[starts[labels[i] + 1]] = i
            starts[labels[i] + 1] += 1
    return starts[: k + 1], order
