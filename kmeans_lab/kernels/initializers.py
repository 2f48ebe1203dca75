"""First centers of a batch of starts, one function each; INITIALIZERS at the foot names them.

Each takes `X` (n, d) float64, C-contiguous and finite, `k` from 1 to n and `seeds` (R,) int64 from
0, and gives new centers (R, k, d) float64. A start draws from rng = np.random.default_rng(seed)
and nothing else, as the docstring says draw by draw; kernels draw the same numbers without NumPy
(`seeding`), so a start on small data costs 0.1 to 1 µs, not 12 to 22. Validation is assumed.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._jit import warm
from .first_centers import farthest_points, partition_means, squared_distance_sampling
from .seeding import choices

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
