"""First centers of a batch of starts, one function each; INITIALIZERS at the foot names them.

Each takes `X` (n, d) float64, C-contiguous and finite, `k` from 1 to n and `seeds` (R,) int64 from
0, and gives new centers (R, k, d) float64. A start draws from rng = np.random.default_rng(seed)
and nothing else, as the docstring says draw by draw; kernels draw the same numbers without NumPy
(`seeding`), so a start on small data costs 0.1 to 1 µs, not 12 to 22. Validation is assumed.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import inner, kernel, warm
from .distance import BLOCK, F2, squared
from .exact import ROOM, exact_sum
from .seeding import SEEDS, SIZE, begin, below, choices, uniform

Points = NDArray[np.float64]
Seeds = NDArray[np.int64]


def random(X: Points, k: int, seeds: Seeds) -> Points:
    """Take `k` points, every set of them equally likely.

    Draws: X[rng.choice(n, size=k, replace=False)].
    Source: Fränti and Sieranoja (2019), section 3.2.
    """
    chosen = np.empty((len(seeds), k), np.int64)
    warm()
    choices(seeds, len(X), chosen)
    return X.take(chosen, axis=0)


def random_partition(X: Points, k: int, seeds: Seeds) -> Points:
    """Take the means of a random partition: the points' exact sum, rounded once, by their number.

    Draws: every point's cluster, rng.integers(k, size=n); then for each cluster without a point,
    in index order, the point that is its center, rng.integers(n).
    Source: Fränti and Sieranoja (2019), section 3.1.
    """
    centers = np.empty((len(seeds), k, X.shape[1]))
    warm()
    partition_means(X, seeds, centers)
    return centers


def kmeans_plusplus(X: Points, k: int, seeds: Seeds) -> Points:
    """Take points by chance in proportion to their squared distance from the centers so far.

    Draws: the first center, rng.integers(n); then rng.random((k - 1, 1)), a number u for each
    further center: the first point at which the running sum of the squared distances, added in
    index order, exceeds u times their total, so a point that is a center already is not taken.
    Where the total is 0 every point is one: point floor(u n).
    Source: Arthur and Vassilvitskii (2007), section 2.2.
    """
    return _plusplus(X, k, seeds, 1)


def greedy_kmeans_plusplus(X: Points, k: int, seeds: Seeds) -> Points:
    """Like k-means++, but of 2 + floor(ln k) points drawn keep the one that helps most.

    Draws: the first center, rng.integers(n); then rng.random((k - 1, 2 + floor(ln k))), a row of
    numbers for each further center, turned into points as k-means++ does. The point that leaves
    the lowest total of squared distances is taken, the first drawn of equals.
    Source: Arthur and Vassilvitskii (2007), section 7; the number is scikit-learn's.
    """
    return _plusplus(X, k, seeds, 2 + int(np.log(k)))


def maximin(X: Points, k: int, seeds: Seeds) -> Points:
    """Take a random point, then always the point farthest from its nearest center.

    Draws: the first center, rng.integers(n). Of equally far points the lowest index is taken.
    Source: Gonzalez (1985); Fränti and Sieranoja (2019), section 3.3.
    """
    chosen = np.empty((len(seeds), k), np.int64)
    warm()
    farthest_points(X, np.ascontiguousarray(X.T), seeds, chosen)
    return X.take(chosen, axis=0)


def _plusplus(X: Points, k: int, seeds: Seeds, candidates: int) -> Points:
    chosen = np.empty((len(seeds), k), np.int64)
    warm()
    squared_distance_sampling(X, np.ascontiguousarray(X.T), seeds, candidates, chosen)
    return X.take(chosen, axis=0)


@kernel(types.void(F2, SEEDS, types.float64[:, :, ::1]))
def partition_means(X, seeds, centers):
    """Mean of every cluster of a random partition, a random point for one without members.

    X: (n, d). seeds: (R,). centers: (R, k, d) [modified].
    """
    n, k = X.shape[0], centers.shape[1]
    g, values, room = np.empty(SIZE, np.uint64), np.empty(n), np.empty(ROOM)
    labels, members, ends = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(k, np.int64)
    for r in range(seeds.size):
        begin(g, seeds[r])
        for i in range(n):
            labels[i] = below(g, k)
        sort_by_label(labels, members, ends)
        for c in range(k):
            first = ends[c - 1] if c > 0 else 0
            if first == ends[c]:
                centers[r, c] = X[below(g, n)]
            else:
                mean(X, members[first : ends[c]], values[: ends[c] - first], room, centers[r, c])


@inner
def sort_by_label(labels, members, ends):
    """Points' indices cluster after cluster, members (n,), and where each ends, ends (k,)."""
    ends[:] = 0
    for label in labels:
        ends[label] += 1
    end = 0
    for c in range(ends.size):
        end += ends[c]
        ends[c] = end - ends[c]
    for i in range(labels.size):
        members[ends[labels[i]]] = i
        ends[labels[i]] += 1


@inner
def mean(X, members, values, room, center):
    """Exact sum of X[members] rounded once, by their number m; values (m,) and room are scratch."""
    for j in range(X.shape[1]):
        for i in range(members.size):
            values[i] = X[members[i], j]
        center[j] = exact_sum(values, room) / members.size


@inner
def approach(XT, start, center, closest, distances):
    """Squared distance to the nearest center of the points from `start`, with `center` (d,) too.

    XT: (d, n). closest: a block of the distances without it. distances: the same block [modified].
    """
    squared(XT, start, start + closest.size, center, distances)
    for i in range(closest.size):
        distances[i] = distances[i] if distances[i] < closest[i] else closest[i]


@inner
def approach_and_add(XT, center, closest, distances, reached):
    """Distances as by `approach`, their running sum from left to right, and their total.

    closest: (n,). distances, reached: (n,) [modified]. In blocks, so that vectors of distances and
    additions that wait for each other overlap.
    """
    total = 0.0
    for start in range(0, closest.size, BLOCK):
        stop = min(start + BLOCK, closest.size)
        new, sums = distances[start:stop], reached[start:stop]
        approach(XT, start, center, closest[start:stop], new)
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
    # u * total rounds up to total where that is subnormal: then the last point that adds to it.
    point = np.searchsorted(reached, u * total, side="right")
    return min(point, np.searchsorted(reached, total))


@kernel(types.void(F2, F2, SEEDS, types.int64, types.int64[:, ::1]))
def squared_distance_sampling(X, XT, seeds, candidates, chosen):
    """Choose centers among the points by squared distance, the best of some drawn for each.

    X: (n, d). XT: (d, n). seeds: (R,). candidates: points drawn for a center.
    chosen: (R, k) [modified].
    """
    n = X.shape[0]
    g, nowhere = np.empty(SIZE, np.uint64), np.full(n, np.inf)
    closest, reached = np.empty(n), np.empty(n)
    trial, trial_reached = np.empty(n), np.empty(n)
    best, best_reached = np.empty(n), np.empty(n)
    for r in range(seeds.size):
        begin(g, seeds[r])
        chosen[r, 0] = below(g, n)
        approach_and_add(XT, X[chosen[r, 0]], nowhere, closest, reached)
        for c in range(1, chosen.shape[1]):
            lowest = np.inf
            for t in range(candidates):
                point = draw(reached, uniform(g))
                total = approach_and_add(XT, X[point], closest, trial, trial_reached)
                if t == 0 or total < lowest:
                    lowest, chosen[r, c] = total, point
                    trial, best = best, trial
                    trial_reached, best_reached = best_reached, trial_reached
            closest, best = best, closest
            reached, best_reached = best_reached, reached


@kernel(types.void(F2, F2, SEEDS, types.int64[:, ::1]))
def farthest_points(X, XT, seeds, chosen):
    """Choose centers among the points, each the farthest from those before it.

    X: (n, d). XT: (d, n). seeds: (R,). chosen: (R, k) [modified].
    """
    n = X.shape[0]
    g = np.empty(SIZE, np.uint64)
    closest, distances = np.empty(n), np.empty(n)
    far, where = np.empty(min(BLOCK, n)), np.empty(min(BLOCK, n), np.int64)
    for r in range(seeds.size):
        begin(g, seeds[r])
        chosen[r, 0] = below(g, n)
        closest[:] = np.inf
        for c in range(1, chosen.shape[1]):
            center = X[chosen[r, c - 1]]
            chosen[r, c] = farthest(XT, center, closest, distances, far, where)
            closest, distances = distances, closest


@inner
def farthest(XT, center, closest, distances, far, where):
    """The lowest index of the points farthest from all centers, `center` (d,) among them.

    closest: (n,), the distances without it. distances: (n,) [modified]. far, where: (B,), what is
    farthest at each place of a block of B points, and the block it is in [modified].
    """
    far[:] = -1.0
    # Place by place this vectorizes, which an argmax does not (birch1: 0.7 of the time).
    for start in range(0, closest.size, BLOCK):
        stop = min(start + BLOCK, closest.size)
        new = distances[start:stop]
        approach(XT, start, center, closest[start:stop], new)
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


class Initializer(NamedTuple):
    """A way to choose first centers, and what is told about it."""

    function: Callable[[Points, int, Seeds], Points]
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
