"""The kernel of ls++: k-means++, then swaps of a center for a point that is drawn."""

import numpy as np
from numba import types

from ._jit import inner, kernel
from .chains import between
from .distance import F2, squared
from .first_centers import draw
from .seeding import SEEDS, SIZE, below, seeded, uniform


@kernel(types.void(F2, F2, SEEDS, types.int64, types.int64[:, ::1], types.int64[::1]))
def swapped_points(X, XT, seeds, steps, chosen, spent):
    """Choose centers among the points as k-means++ does, and try so many swaps.

    X: (n, d). XT: (d, n). seeds: (R,). chosen: (R, k) [modified]. spent: (R,), distances evaluated
    [modified].
    """
    n, k = X.shape[0], chosen.shape[1]
    g, loss = np.empty(SIZE, np.uint64), np.empty(k)
    near, closest = np.empty((2, n), np.int64), np.empty((2, n))
    away, reached = np.empty(n), np.empty(n)
    for r in range(seeds.size):
        seeded(g, seeds[r])
        for i in range(n):
            forget(i, k, near, closest)
        for c in range(k):
            point = below(g, n) if c == 0 else draw(reached, uniform(g))
            chosen[r, c] = point
            squared(XT, 0, n, X[point], away)
            for i in range(n):
                place(away[i], c, i, near, closest)
            add_up(closest[0], reached)
        spent[r] = n * (k + steps)
        for _ in range(steps):
            point = draw(reached, uniform(g))
            squared(XT, 0, n, X[point], away)
            c, total = best_swap(away, near, closest, loss)
            if total < reached[-1]:
                chosen[r, c] = point
                spent[r] += (k - 1) * swap(X, chosen[r], c, away, near, closest)
                add_up(closest[0], reached)


@inner
def forget(i, nobody, near, closest):
    """Let point i have no nearest center."""
    near[0, i], near[1, i] = nobody, nobody
    closest[0, i], closest[1, i] = np.inf, np.inf


@inner
def place(distance, c, i, near, closest):
    """Let center c be one of the two nearest of point i, if it is; of equals the lower index.

    near, closest: (2, n), the nearest and the next, and how far they are, squared [modified].
    """
    if distance < closest[0, i] or (distance == closest[0, i] and c < near[0, i]):
        near[1, i], closest[1, i] = near[0, i], closest[0, i]
        near[0, i], closest[0, i] = c, distance
    elif distance < closest[1, i] or (distance == closest[1, i] and c < near[1, i]):
        near[1, i], closest[1, i] = c, distance


@inner
def add_up(distances, reached):
    """Running sum of distances (n,); reached (n,) [modified]."""
    total = 0.0
    for i in range(distances.size):
        total += distances[i]
        reached[i] = total


@inner
def best_swap(away, near, closest, loss):
    """The center to give up for a point `away` (n,) from all, and the total that is then left.

    loss: (k,), what giving up each center adds [modified].
    """
    for c in range(loss.size):
        loss[c] = 0.0
    total = 0.0
    for i in range(away.size):
        kept = min(closest[0, i], away[i])
        total += kept
        loss[near[0, i]] += min(closest[1, i], away[i]) - kept
    best = 0
    for c in range(1, loss.size):
        best = c if loss[c] < loss[best] else best
    return best, total + loss[best]


@inner
def swap(X, chosen, c, away, near, closest):
    """Center c is now a point `away` (n,) from all; gives how many points had to look for others.

    They are those that had it as one of their two nearest.
    """
    looked = 0
    for i in range(away.size):
        if near[0, i] != c and near[1, i] != c:
            place(away[i], c, i, near, closest)
            continue
        looked += 1
        forget(i, chosen.size, near, closest)
        for other in range(chosen.size):
            distance = away[i] if other == c else between(X[i], X[chosen[other]])
            place(distance, other, i, near, closest)
    return looked
