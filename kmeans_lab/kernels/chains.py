"""The kernel of AFK-MC2: centers where Markov chains of points end."""

import numpy as np
from numba import types

from ._jit import inner, kernel
from .distance import F2, squared
from .first_centers import draw
from .seeding import SEEDS, SIZE, below, seeded, uniform


@kernel(types.void(F2, F2, SEEDS, types.int64, types.int64[:, ::1]))
def markov_chains(X, XT, seeds, links, chosen):
    """Choose centers among the points, each the last of a chain of so many links.

    X: (n, d). XT: (d, n). seeds: (R,). chosen: (R, k) [modified].
    """
    n, k = X.shape[0], chosen.shape[1]
    g = np.empty(SIZE, np.uint64)
    chances, reached = np.empty(n), np.empty(n)
    for r in range(seeds.size):
        seeded(g, seeds[r])
        chosen[r, 0] = below(g, n)
        if k > 1:
            propose(XT, X[chosen[r, 0]], chances, reached)
        for c in range(1, k):
            here, weight = 0, 0.0
            for link in range(links):
                point, v = draw(reached, uniform(g)), uniform(g)
                away = from_nearest(X, point, chosen[r, :c])
                if link == 0 or away * chances[here] > v * (weight * chances[point]):
                    here, weight = point, away
            chosen[r, c] = here


@inner
def propose(XT, center, chances, reached):
    """Chances (n,) of the points of a chain, half of them by squared distance, and running sum."""
    squared(XT, 0, chances.size, center, chances)
    total = 0.0
    for i in range(chances.size):
        total += chances[i]
    sofar = 0.0
    for i in range(chances.size):
        share = chances[i] / total if total > 0 else 0.0
        chances[i] = 0.5 * share + 0.5 / chances.size
        sofar += chances[i]
        reached[i] = sofar


@inner
def from_nearest(X, point, chosen):
    """Squared distance of a point from the nearest of some others."""
    nearest = np.inf
    for c in range(chosen.size):
        nearest = min(nearest, between(X[point], X[chosen[c]]))
    return nearest


@inner
def between(x, y):
    """Squared distance of two points (d,)."""
    total = 0.0
    for j in range(x.size):
        total += (x[j] - y[j]) * (x[j] - y[j])
    return total
