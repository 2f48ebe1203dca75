"""The initializer that draws many points in few rounds, and chooses among those."""

import numpy as np
from numpy.typing import NDArray

from .distance import nearest
from .firsts import Firsts, Points, Seeds, drawn, generators

ROUNDS = 5
OVERSAMPLING = 2  # points a round draws on average, in units of k
MOST = 65535  # candidates that two bytes of a label can tell apart

Indices = NDArray[np.int64]


def kmeans_parallel(X: Points, k: int, seeds: Seeds) -> Firsts:
    """Draw about 2 k candidates in each of 5 rounds, and choose among them by k-means++.

    A candidate's weight is the number of points to which it is the nearest, the first of equals;
    where fewer than k candidates have any, more are drawn as k-means++ does, until k have or no
    point is away from all. The first center is drawn with chances in proportion to the weights,
    each further one to the weights times the squared distances from the centers so far.

    Draws: the first candidate, rng.integers(n); then 5 times rng.random(n), a number u for each
    point: those become candidates, in index order, for which u times the running sum of all
    squared distances from the candidates so far, added in index order, is below 2 k times their
    own. Then rng.random() for each candidate that still lacks; then rng.random(k), a number for
    each center, turned into a candidate as k-means++ turns its own into points.
    Source: Bahmani, Moseley, Vattani, Kumar and Vassilvitskii (2012), section 3.3, algorithm 2;
    5 rounds and 2 k are of section 5.
    """
    centers, spent = np.empty((len(seeds), k, X.shape[1])), np.empty(len(seeds), np.int64)
    for r, rng in enumerate(generators(seeds)):
        pool = _Pool(X, int(rng.integers(len(X))))
        for _ in range(ROUNDS):
            u, total = rng.random(len(X)), np.cumsum(pool.closest)[-1]
            pool.add(np.flatnonzero(u * total < OVERSAMPLING * k * pool.closest))
        while np.count_nonzero(pool.weights()) < k and pool.closest.any():
            pool.add(np.array([drawn(pool.closest, rng.random())]))
        candidates = X[pool.chosen]
        centers[r] = candidates[_among(candidates, pool.weights(), rng.random(k))]
        spent[r] = len(candidates) * (len(X) + k - 1)
    return Firsts(centers, spent)


class _Pool:
    """Candidates, and how far each point is from the nearest."""

    def __init__(self, X: Points, first: int) -> None:
        self.X = X
        self.chosen = np.empty(0, np.int64)
        self.labels = np.zeros(len(X), np.int64)  # which of the candidates is nearest
        self.closest = np.full(len(X), np.inf)  # squared distance
        self.add(np.array([first]))

    def add(self, points: Indices) -> None:
        """Let `points` (m,) be candidates too."""
        for begin in range(0, len(points), MOST):
            part = points[begin : begin + MOST]
            labels, distances = nearest(self.X, self.X[part])
            nearer = distances < self.closest
            self.labels[nearer] = len(self.chosen) + labels[nearer]
            self.closest[nearer] = distances[nearer]
            self.chosen = np.concatenate([self.chosen, part])

    def weights(self) -> Indices:
        """The number of points to which each candidate is the nearest."""
        return np.bincount(self.labels, minlength=len(self.chosen))


def _among(candidates: Points, weights: Indices, numbers: Points) -> list[int]:
    """Weighted k-means++: which of the candidates (m, d) the numbers (k,) choose."""
    chosen, closest = [drawn(weights.astype(np.float64), numbers[0])], np.full(len(weights), np.inf)
    for u in numbers[1:]:
        closest = np.minimum(closest, nearest(candidates, candidates[chosen[-1:]])[1])
        chosen.append(drawn(weights * closest, u))
    return chosen
