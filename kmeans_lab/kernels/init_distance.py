"""Initializers that choose points by their distance from the centers so far."""

import numpy as np

from ._jit import warm
from .chains import markov_chains
from .crowd import are_many
from .first_centers import farthest_points, squared_distance_sampling
from .firsts import Firsts, Points, Seeds, firsts
from .seeding import choices
from .swaps import swapped_points

LINKS = 200  # of a chain of AFK-MC2
SWAPS = 25  # local-search steps of ls++


def kmeans_plusplus(X: Points, k: int, seeds: Seeds) -> Firsts:
    """Take points by chance in proportion to their squared distance from the centers so far.

    Draws: the first center, rng.integers(n); then rng.random((k - 1, 1)), a number u for each
    further center: the first point at which the running sum of the squared distances, added in
    index order, exceeds u times their total, so a point that is a center already is not taken.
    Where the total is 0 every point is one: point floor(u n).
    Source: Arthur and Vassilvitskii (2007), section 2.2.
    """
    return firsts(_plusplus(X, k, seeds, 1), (k - 1) * len(X))


def greedy_kmeans_plusplus(X: Points, k: int, seeds: Seeds) -> Firsts:
    """Like k-means++, but of 2 + floor(ln k) points drawn keep the one that helps most.

    Draws: the first center, rng.integers(n); then rng.random((k - 1, 2 + floor(ln k))), a row of
    numbers for each further center, turned into points as k-means++ does. The point that leaves
    the lowest total of squared distances is taken, the first drawn of equals.
    Source: Arthur and Vassilvitskii (2007), section 7; the number is scikit-learn's.
    """
    candidates = 2 + int(np.log(k))
    passes = 1 + (k - 1) * candidates if k > 1 else 0
    return firsts(_plusplus(X, k, seeds, candidates), passes * len(X))


def _plusplus(X: Points, k: int, seeds: Seeds, candidates: int) -> Points:
    chosen = np.empty((len(seeds), k), np.int64)
    warm()
    squared_distance_sampling(X, by_feature(X), seeds, candidates, chosen)
    return X.take(chosen, axis=0)


def by_feature(X: Points) -> Points:
    """`X` (n, d) as (d, n); as (d, 0) where it is too large to be there twice."""
    return np.ascontiguousarray(X[: 0 if are_many(*X.shape) else len(X)].T)


def maximin(X: Points, k: int, seeds: Seeds) -> Firsts:
    """Take a random point, then always the point farthest from its nearest center.

    Draws: the first center, rng.integers(n). Of equally far points the lowest index is taken.
    Source: Gonzalez (1985); Fränti and Sieranoja (2019), section 3.3.
    """
    start = np.empty((len(seeds), 1), np.int64)
    warm()
    choices(seeds, len(X), start)  # one of n is what rng.integers(n) draws
    return firsts(farthest(X, k, start[:, 0]), (k - 1) * len(X))


def kkz(X: Points, k: int, seeds: Seeds) -> Firsts:
    """Take the point farthest from the origin, then always the one farthest from its center.

    Draws: nothing. Of equally far points the lowest index is taken.
    Source: Katsavounidis, Kuo and Zhang (1994); Celebi, Kingravi and Vela (2013), section 2.1.
    """
    norms = np.cumsum(X * X, axis=1)[:, -1]
    start = np.full(len(seeds), norms.argmax())
    return firsts(farthest(X, k, start), (k - 1) * len(X))


def farthest(X: Points, k: int, start: Seeds) -> Points:
    """Centers (R, k, d): the points `start` (R,), and each time the one farthest from them."""
    chosen = np.empty((len(start), k), np.int64)
    chosen[:, 0] = start
    warm()
    farthest_points(X, by_feature(X), chosen)
    return X.take(chosen, axis=0)


def afk_mc2(X: Points, k: int, seeds: Seeds) -> Firsts:
    """Like k-means++, but each further center is where a Markov chain of 200 points ends.

    The chain's points are drawn with chances q = D1 / T / 2 + 1 / (2 n): D1 the squared distance
    from the first center, T the total of them added in index order, D1 / T = 0 where T is 0. The
    chain goes from x to the next point y if D(y) q(x) > v D(x) q(y), D being the squared distance
    from the nearest center so far.

    Draws: the first center, rng.integers(n); then rng.random((k - 1, 200, 2)), for each further
    center and each point of its chain u and v. The point is the first at which the running sum of
    q, added in index order, exceeds u times its end. The chain begins with its first point, whose
    v is not used.
    Source: Bachem, Lucic, Hassani and Krause (2016), section 3, algorithm 1; the chain's length is
    the longest of their experiments.
    """
    chosen = np.empty((len(seeds), k), np.int64)
    warm()
    markov_chains(X, np.ascontiguousarray(X.T), seeds, LINKS, chosen)
    spent = len(X) * (k > 1) + LINKS * k * (k - 1) // 2
    return firsts(X.take(chosen, axis=0), spent)


def ls_plusplus(X: Points, k: int, seeds: Seeds) -> Firsts:
    """Like k-means++, then 25 times draw a point and swap it for a center if that helps.

    A center without which the total of squared distances grows least, with the point among the
    centers, is the one to go, the lowest index of equals; the point takes its index, if the total
    is then lower than before. The total is that of the points' squared distances with the point
    among the centers, added in index order, plus what the center's own points, added in index
    order, lose by going to the next nearest.

    Draws: those of k-means++; then rng.random(25), a number for each point, turned into it as
    k-means++ does.
    Source: Lattanzi and Sohler (2019), section 3, algorithms 1 and 2; the number is that of their
    experiments.
    """
    chosen, spent = np.empty((len(seeds), k), np.int64), np.empty(len(seeds), np.int64)
    warm()
    swapped_points(X, np.ascontiguousarray(X.T), seeds, SWAPS, chosen, spent)
    return Firsts(X.take(chosen, axis=0), spent)
