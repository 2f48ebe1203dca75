"""First centers, one function each; INITIALIZERS at the foot names them.

Each takes `X` (n, d) float64, C-contiguous and finite, `k` from 1 to n and the start's own
generator, draws from that generator alone, as its docstring says draw by draw, and gives new
centers (k, d) float64. Validation is assumed.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.random import Generator
from numpy.typing import NDArray

from ._jit import inner, kernel, readonly, warm
from .distance import F2, squared
from .exact import exact_sum

Points = NDArray[np.float64]


def random(X: Points, k: int, rng: Generator) -> Points:
    """Take `k` points, every set of them equally likely.

    Draws: rng.choice(n, size=k, replace=False).
    Source: Fränti and Sieranoja (2019), section 3.2.
    """
    return X[rng.choice(len(X), size=k, replace=False)]


def random_partition(X: Points, k: int, rng: Generator) -> Points:
    """Take the means of a random partition: the points' exact sum, rounded once, by their number.

    Draws: every point's cluster, rng.integers(k, size=n); then for each cluster without a point,
    in index order, the point that is its center, rng.integers(n).
    Source: Fränti and Sieranoja (2019), section 3.1.
    """
    labels = rng.integers(k, size=len(X))
    counts = np.bincount(labels, minlength=k)
    centers = np.empty((k, X.shape[1]))
    warm()
    means(X, np.argsort(labels, kind="stable"), counts, centers)
    for c in np.flatnonzero(counts == 0):
        centers[c] = X[rng.integers(len(X))]
    return centers


def kmeans_plusplus(X: Points, k: int, rng: Generator) -> Points:
    """Take points by chance in proportion to their squared distance from the centers so far.

    Draws: the first center, rng.integers(n); then rng.random((k - 1, 1)), a number u for each
    further center: the first point at which the running sum of the squared distances, added in
    index order, exceeds u times their total, so a point that is a center already is not taken.
    Where the total is 0 every point is one: point floor(u n).
    Source: Arthur and Vassilvitskii (2007), section 2.2.
    """
    return _plusplus(X, k, rng, 1)


def greedy_kmeans_plusplus(X: Points, k: int, rng: Generator) -> Points:
    """Like k-means++, but of 2 + floor(ln k) points drawn keep the one that helps most.

    Draws: the first center, rng.integers(n); then rng.random((k - 1, 2 + floor(ln k))), a row of
    numbers for each further center, turned into points as k-means++ does. The point that leaves
    the lowest total of squared distances is taken, the first drawn of equals.
    Source: Arthur and Vassilvitskii (2007), section 7; the number is scikit-learn's.
    """
    return _plusplus(X, k, rng, 2 + int(np.log(k)))


def maximin(X: Points, k: int, rng: Generator) -> Points:
    """Take a random point, then always the point farthest from its nearest center.

    Draws: the first center, rng.integers(n). Of equally far points the lowest index is taken.
    Source: Gonzalez (1985); Fränti and Sieranoja (2019), section 3.3.
    """
    chosen = np.empty(k, np.int64)
    first = rng.integers(len(X))
    warm()
    farthest_points(np.ascontiguousarray(X.T), first, chosen)
    return X[chosen]


def _plusplus(X: Points, k: int, rng: Generator, candidates: int) -> Points:
    chosen = np.empty(k, np.int64)
    first = rng.integers(len(X))
    uniforms = rng.random((k - 1, candidates))
    warm()
    squared_distance_sampling(np.ascontiguousarray(X.T), first, uniforms, chosen)
    return X[chosen]


@kernel(types.void(F2, readonly(types.int64, 1), readonly(types.int64, 1), types.float64[:, ::1]))
def means(X, order, counts, centers):
    """Mean of every cluster that has members.

    X: (n, d). order: (n,), the points' rows, cluster after cluster. counts: (k,), members of each.
    centers: (k, d) [modified].
    """
    start = 0
    for c in range(counts.size):
        members = order[start : start + counts[c]]
        start += counts[c]
        values = np.empty(members.size)
        for j in range(X.shape[1]):
            for i in range(members.size):
                values[i] = X[members[i], j]
            if members.size > 0:
                centers[c, j] = exact_sum(values) / members.size


@inner
def approach(XT, point, closest, distances):
    """Each point's squared distance to its nearest center, if `point` became one.

    XT: (d, n). closest: (n,), the distances without it. distances: (n,) [modified].
    """
    squared(XT, 0, closest.size, XT[:, point].copy(), distances)
    for i in range(closest.size):
        distances[i] = min(distances[i], closest[i])


@inner
def accumulate(weights, reached):
    """Running sum of `weights` (n,), left to right; reached (n,) [modified]."""
    total = 0.0
    for i in range(weights.size):
        total += weights[i]
        reached[i] = total
    return total


@inner
def draw(reached, u):
    """The point at which the running sum `reached` (n,) exceeds `u` times its end."""
    total = reached[-1]
    if total == 0.0:
        return np.int64(u * reached.size)
    # u * total rounds up to total where that is subnormal: then the last point that adds to it.
    point = np.searchsorted(reached, u * total, side="right")
    return min(point, np.searchsorted(reached, total))


@kernel(types.void(F2, types.int64, F2, types.int64[::1]))
def squared_distance_sampling(XT, first, uniforms, chosen):
    """Choose centers among the points by squared distance, the best of some drawn for each.

    XT: (d, n). first: the first center. uniforms: (k - 1, candidates) in [0, 1).
    chosen: (k,) [modified].
    """
    n = XT.shape[1]
    closest, reached = np.empty(n), np.empty(n)
    trial, trial_reached = np.empty(n), np.empty(n)
    best, best_reached = np.empty(n), np.empty(n)
    chosen[0] = first
    approach(XT, first, np.full(n, np.inf), closest)
    accumulate(closest, reached)
    for c in range(1, chosen.size):
        lowest = np.inf
        for t in range(uniforms.shape[1]):
            point = draw(reached, uniforms[c - 1, t])
            approach(XT, point, closest, trial)
            total = accumulate(trial, trial_reached)
            if t == 0 or total < lowest:
                lowest, chosen[c] = total, point
                trial, best = best, trial
                trial_reached, best_reached = best_reached, trial_reached
        closest, best = best, closest
        reached, best_reached = best_reached, reached


@kernel(types.void(F2, types.int64, types.int64[::1]))
def farthest_points(XT, first, chosen):
    """Choose centers among the points, each the farthest from those before it.

    XT: (d, n). first: the first center. chosen: (k,) [modified].
    """
    closest = np.full(XT.shape[1], np.inf)
    distances = np.empty(XT.shape[1])
    chosen[0] = first
    for c in range(1, chosen.size):
        approach(XT, chosen[c - 1], closest, distances)
        closest, distances = distances, closest
        chosen[c] = np.argmax(closest)


class Initializer(NamedTuple):
    """A way to choose first centers, and what is told about it."""

    function: Callable[[Points, int, Generator], Points]
    deterministic: bool
    source: str
    cost: str
    draws: str


ARTHUR = "Arthur and Vassilvitskii, k-means++: the advantages of careful seeding (2007), section "
FRANTI = (
    "Fränti and Sieranoja, How much can k-means be improved by using better initialization and "
    "repeats? (2019), section "
)

INITIALIZERS: dict[str, Initializer] = {
    "random": Initializer(
        random,
        deterministic=False,
        source=FRANTI + "3.2",
        cost="O(n + kd)",
        draws="k points, every set of them equally likely",
    ),
    "random-partition": Initializer(
        random_partition,
        deterministic=False,
        source=FRANTI + "3.1",
        cost="O(nd)",
        draws="the cluster of every point; a point for each cluster left empty",
    ),
    "k-means++": Initializer(
        kmeans_plusplus,
        deterministic=False,
        source=ARTHUR + "2.2",
        cost="O(nkd)",
        draws="the first center; one point for each further one",
    ),
    "greedy-k-means++": Initializer(
        greedy_kmeans_plusplus,
        deterministic=False,
        source=ARTHUR + "7",
        cost="O(nkd log k)",
        draws="the first center; 2 + floor(ln k) points for each further one",
    ),
    "maximin": Initializer(
        maximin,
        deterministic=False,
        source=FRANTI + "3.3",
        cost="O(nkd)",
        draws="the first center",
    ),
}
