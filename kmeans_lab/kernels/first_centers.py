"""The kernels of the initializers: what they draw, and which points or means they choose."""

import numpy as np
from numba import types

from ._jit import apart, inner, kernel
from .distance import BLOCK, F2, squared
from .exact import ROOM, exact_sum
from .groups import grouped
from .seeding import SEEDS, SIZE, below, seeded, uniform

total_of = apart(exact_sum)


@kernel(types.void(F2, SEEDS, types.float64[:, :, ::1]))
def partition_means(X, seeds, centers):
    """Mean of every cluster of a random partition, a random point for one without members.

    X: (n, d). seeds: (R,). centers: (R, k, d) [modified].
    """
    n, k = X.shape[0], centers.shape[1]
    g, values, room = np.empty(SIZE, np.uint64), np.empty(n), np.empty(ROOM)
    labels, members = np.empty(n, np.int64), np.empty(n, np.int64)
    counts, starts = np.empty(k, np.int64), np.empty(k + 1, np.int64)
    for r in range(seeds.size):
        seeded(g, seeds[r])
        counts[:] = 0
        for i in range(n):
            labels[i] = below(g, k)
            counts[labels[i]] += 1
        grouped(labels, counts, starts, members)
        for c in range(k):
            if counts[c] == 0:
                point = below(g, n)
                for j in range(X.shape[1]):
                    centers[r, c, j] = X[point, j]
            else:
                mine = members[starts[c] : starts[c + 1]]
                mean(X, mine, values[: mine.size], room, centers[r, c])


@inner
def mean(X, members, values, room, center):
    """Exact sum of X[members] rounded once, by their number m; values (m,) and room are scratch."""
    for j in range(X.shape[1]):
        for i in range(members.size):
            values[i] = X[members[i], j]
        center[j] = total_of(values, room) / members.size


@inner
def approach(X, XT, start, center, closest, distances):
    """Squared distance to the nearest center of the points from `start`, with `center` (d,) too.

    X: (n, d). XT: (d, n), or (d, 0) where points are many. closest: a block of the distances
    without it. distances: the same block [modified].
    """
    if XT.shape[1] > 0:
        squared(XT, start, start + closest.size, center, distances)
    else:
        squared_by_row(X, start, center, distances)
    for i in range(closest.size):
        distances[i] = distances[i] if distances[i] < closest[i] else closest[i]


@inner
def squared_by_row(X, start, center, out):
    """Squared distances of the rows of `X` (n, d) from `start` to `center`; out (m,) [modified]."""
    for i in range(out.size):
        total = 0.0
        for j in range(center.size):
            total += (X[start + i, j] - center[j]) * (X[start + i, j] - center[j])
        out[i] = total


@inner
def approach_and_add(X, XT, center, closest, distances, reached):
    """Distances as by `approach`, their running sum from left to right, and their total.

    closest: (n,). distances, reached: (n,) [modified]. In blocks, so that vectors of distances and
    additions that wait for each other overlap.
    """
    total = 0.0
    for start in range(0, closest.size, BLOCK):
        stop = min(start + BLOCK, closest.size)
        new, sums = distances[start:stop], reached[start:stop]
        approach(X, XT, start, center, closest[start:stop], new)
        for i in range(new.size):
            total += new[i]
            sums[i] = total
    return total


@inner
def draw(reached, u):
    """The point at which the running sum `reached` (n,) exceeds `u` times its end."""
    total = reached[-1]
    if total == 0.0:
        return np.int64(u * reached.size)
    first, last = 0, reached.size - 1
    while first < last:
        middle = (first + last) >> 1
        # u * total rounds up to total where that is subnormal: then the first that adds all.
        if reached[middle] > u * total or reached[middle] == total:
            last = middle
        else:
            first = middle + 1
    return first


@kernel(types.void(F2, F2, SEEDS, types.int64, types.int64[:, ::1]))
def squared_distance_sampling(X, XT, seeds, candidates, chosen):
    """Choose centers among the points by squared distance, the best of some drawn for each.

    X: (n, d). XT: as in `approach`. seeds: (R,). candidates: points drawn for a center.
    chosen: (R, k) [modified].
    """
    n, k = X.shape[0], chosen.shape[1]
    g, nowhere = np.empty(SIZE, np.uint64), np.full(n, np.inf)
    closest, reached = np.empty(n), np.empty(n)
    trial, trial_reached = np.empty(n), np.empty(n)
    best, best_reached = np.empty(n), np.empty(n)
    for r in range(seeds.size):
        seeded(g, seeds[r])
        chosen[r, 0] = below(g, n)
        if k > 1:
            approach_and_add(X, XT, X[chosen[r, 0]], nowhere, closest, reached)
        for c in range(1, k):
            lowest = np.inf
            for t in range(candidates):
                point = draw(reached, uniform(g))
                if c == k - 1 and candidates == 1:
                    chosen[r, c] = point  # nobody asks how far the points are from it
                    break
                total = approach_and_add(X, XT, X[point], closest, trial, trial_reached)
                if t == 0 or total < lowest:
                    lowest, chosen[r, c] = total, point
                    trial, best = best, trial
                    trial_reached, best_reached = best_reached, trial_reached
            closest, best = best, closest
            reached, best_reached = best_reached, reached


@kernel(types.void(F2, F2, types.int64[:, ::1]))
def farthest_points(X, XT, chosen):
    """Choose centers among the points, each the farthest from those before it.

    X: (n, d). XT: as in `approach`. chosen: (R, k), its first column given, the others [modified].
    """
    n = X.shape[0]
    closest, distances = np.empty(n), np.empty(n)
    far, where = np.empty(min(BLOCK, n)), np.empty(min(BLOCK, n), np.int64)
    for r in range(chosen.shape[0]):
        closest[:] = np.inf
        for c in range(1, chosen.shape[1]):
            center = X[chosen[r, c - 1]]
            chosen[r, c] = farthest(X, XT, center, closest, distances, far, where)
            closest, distances = distances, closest


@inner
def farthest(X, XT, center, closest, distances, far, where):
    """The lowest index of the points farthest from all centers, `center` (d,) among them.

    closest: (n,), the distances without it. distances: (n,) [modified]. far, where: (B,), what is
    farthest at each place of a block of B points, and the block it is in [modified].
    """
    far[:] = -1.0
    # Place by place this vectorizes, which an argmax does not (birch1: 0.7 of the time).
    for start in range(0, closest.size, BLOCK):
        stop = min(start + BLOCK, closest.size)
        new = distances[start:stop]
        approach(X, XT, start, center, closest[start:stop], new)
        for i in range(new.size):
            farther = new[i] > far[i]
            where[i] = start if farther else where[i]
            far[i] = new[i] if farther else far[i]
    best = 0
    for i in range(1, far.size):
        earlier = where[i] + i < where[best] + best
        if far[i] > far[best] or (far[i] == far[best] and earlier):
            best = i
    return where[best] + best
