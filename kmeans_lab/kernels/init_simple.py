"""Initializers that evaluate no distance: points, means and places taken as they come."""

import numpy as np

from ._jit import warm
from .first_centers import partition_means
from .firsts import Firsts, Points, Seeds, firsts, generators
from .seeding import choices


def random(X: Points, k: int, seeds: Seeds) -> Firsts:
    """Take `k` points, every set of them equally likely.

    Draws: X[rng.choice(n, size=k, replace=False)].
    Source: Fränti and Sieranoja (2019), section 3.2.
    """
    chosen = np.empty((len(seeds), k), np.int64)
    warm()
    choices(seeds, len(X), chosen)
    return firsts(X.take(chosen, axis=0), 0)


def random_partition(X: Points, k: int, seeds: Seeds) -> Firsts:
    """Take the means of a random partition: the points' exact sum, rounded once, by their number.

    Draws: every point's cluster, rng.integers(k, size=n); then for each cluster without a point,
    in index order, the point that is its center, rng.integers(n).
    Source: Fränti and Sieranoja (2019), section 3.1.
    """
    centers = np.empty((len(seeds), k, X.shape[1]))
    warm()
    partition_means(X, seeds, centers)
    return firsts(centers, 0)


def uniform_box(X: Points, k: int, seeds: Seeds) -> Firsts:
    """Take places of the smallest box around the data, every place equally likely.

    A center may be nobody's nearest, and then the rule for empty clusters decides.

    Draws: rng.random((k, d)), a number u for each coordinate, which is low + u (high - low) with
    the feature's smallest and largest value. As u is below 1, no rounding puts it above the largest.
    Source: Jancey (1966); Celebi, Kingravi and Vela (2013), section 2.1.
    """
    low, high = X.min(axis=0), X.max(axis=0)
    centers = np.empty((len(seeds), k, X.shape[1]))
    for rng, out in zip(generators(seeds), centers, strict=True):
        rng.random(out=out)
    return firsts(low + centers * (high - low), 0)


def first(X: Points, k: int, seeds: Seeds) -> Firsts:
    """Take the first `k` rows as they stand, equal ones too.

    Draws: nothing.
    Source: MacQueen (1967); Celebi, Kingravi and Vela (2013), section 2.1.
    """
    return firsts(np.repeat(X[None, :k], len(seeds), axis=0), 0)
