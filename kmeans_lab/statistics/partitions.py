"""How far partitions agree, all pairs of them at once.

`labels` (P, n) are P partitions of n points, non-negative integers whose names mean nothing. Points
that go together in all of them are counted once, and what is expected by chance once for each two
cluster sizes that occur: that is what makes all pairs cheap.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Agreement", "Grouped", "agreement", "grouped", "tables"]


class Agreement(NamedTuple):
    """How far each two of P partitions agree, each field (P, P)."""

    ari: NDArray[np.float64]  # adjusted Rand index
    ami: NDArray[np.float64]  # adjusted mutual information
    vi: NDArray[np.float64]  # variation of information, in nats


class Grouped(NamedTuple):
    """Partitions of m groups of points that go together in all of them."""

    labels: NDArray[np.int64]  # (P, m), below k
    weights: NDArray[np.float64]  # (m,), points in each group
    where: NDArray[np.int64]  # (n,), the group of each point
    sizes: NDArray[np.float64]  # (P, k), points in each cluster


def agreement(labels: ArrayLike) -> Agreement:
    """ARI, AMI and VI of every two of the partitions `labels` (P, n).

    Sources: ARI: Hubert & Arabie, Comparing partitions (1985), eq. 5. AMI, with the mean of the
    entropies as its maximum: Vinh, Epps & Bailey, Information theoretic measures for clusterings
    comparison (2010), table 2 and eq. 24a. VI: Meilă, Comparing clusterings (2007), eq. 15.

    >>> agreement([[0, 0, 1, 1], [0, 1, 0, 1]]).ari
    array([[ 1. , -0.5],
           [-0.5,  1. ]])
    """
    from scipy.special import xlogy

    groups = grouped(labels)
    n, P = float(groups.weights.sum()), len(groups.labels)
    squares, joint = np.empty((P, P)), np.empty((P, P))
    for i in range(P):
        counts = tables(groups, i, slice(i, None))
        squares[i, i:] = squares[i:, i] = np.square(counts).sum(axis=(1, 2))
        joint[i, i:] = joint[i:, i] = math.log(n) - xlogy(counts, counts).sum(axis=(1, 2)) / n
    own = np.diagonal(joint)
    both = own[:, None] + own
    shared = both - joint  # mutual information
    chance = both - math.log(n) + _expected_overlap(groups.sizes, n) / n
    ami = _ratio(shared - chance, both / 2 - chance)
    return Agreement(_adjusted_rand(squares, n), ami, np.maximum(2 * joint - both, 0.0))


def grouped(labels: ArrayLike) -> Grouped:
    """The same partitions with points that go together in all of them as one."""
    rows = np.asarray(labels)
    (P, n), k = rows.shape, int(rows.max(initial=0)) + 1
    where = _together(rows, k)
    one_of = np.empty(where.max(initial=-1) + 1, dtype=np.int64)
    one_of[where] = np.arange(n)
    codes, weights = rows[:, one_of].astype(np.int64), np.bincount(where).astype(np.float64)
    cells = np.arange(P)[:, None] * k + codes
    return Grouped(codes, weights, where, _counted(cells, weights, P * k).reshape(P, k))


def _together(rows: NDArray[np.integer], k: int) -> NDArray[np.int64]:
    """Group (n,) of each point; one group each where grouping would save less than half."""
    n = rows.shape[1]
    where = np.zeros(n, dtype=np.int64)
    for row in rows:
        where = np.unique(where * k + row, return_inverse=True)[1].reshape(-1)
        if where.max(initial=0) > n // 2:
            return np.arange(n)
    return where


def tables(groups: Grouped, i: int, others: slice) -> NDArray[np.float64]:
    """Contingency tables (P', k, k) of partition i with each of the others."""
    rows, k = groups.labels[others], groups.sizes.shape[1]
    cells = (np.arange(len(rows))[:, None] * k + groups.labels[i]) * k + rows
    return _counted(cells, groups.weights, len(rows) * k * k).reshape(-1, k, k)


def _counted(
    cells: NDArray[np.int64], weights: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    """Points in each of `size` cells, where each row of `cells` (P, m) says whither groups go."""
    points = np.bincount(cells.ravel(), np.tile(weights, len(cells)), size)
    return np.asarray(points, dtype=np.float64)


def _adjusted_rand(squares: NDArray[np.float64], n: float) -> NDArray[np.float64]:
    """ARI (P, P) from the sums of the squared counts of each two partitions' table (P, P)."""
    own = np.diagonal(squares)
    both, ours, theirs = squares - n, own[:, None] - squares, own - squares
    neither = n * n - both - ours - theirs - n
    agreed = 2 * (both * neither - ours * theirs)
    return _ratio(agreed, (both + theirs) * (theirs + neither) + (both + ours) * (ours + neither))


def _ratio(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """a / b, and 1 where b is 0 but for rounding: there the partitions are equal."""
    return np.divide(a, b, out=np.ones_like(a), where=b > 1e-12)


def _expected_overlap(sizes: NDArray[np.float64], n: float) -> NDArray[np.float64]:
    """Expected Σ nᵢⱼ log nᵢⱼ (P, P) of each two partitions of sizes (P, k), dealt at random."""
    distinct, codes = np.unique(sizes, return_inverse=True)
    P, U = len(sizes), len(distinct)
    cells = np.arange(P)[:, None] * U + codes.reshape(sizes.shape)
    times = np.bincount(cells.ravel(), minlength=P * U).reshape(P, U).astype(np.float64)
    return np.asarray(times @ _expected(distinct.astype(np.int64), int(n)) @ times.T)


def _expected(sizes: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """Expected x log x (U, U) of the points that clusters of these sizes (U,) share by chance.

    x is hypergeometric; only what lies within nine standard deviations and ten of its mean is
    added, the rest has probability below 1e-15.
    """
    from scipy.special import gammaln

    factorial, total = gammaln(np.arange(n + 1) + 1.0), np.empty((sizes.size, sizes.size))
    for u, a in enumerate(sizes):
        b = sizes[: u + 1, None]
        mean, top = a * b / n, np.minimum(a, b)
        reach = 9 * np.sqrt(mean) + 10
        first = np.maximum(np.maximum(a + b - n, 1), np.floor(mean - reach).astype(np.int64))
        last = np.minimum(top, np.ceil(mean + reach).astype(np.int64))
        x = first + np.arange(max(int((last - first).max()) + 1, 1))
        inside, x = x <= last, np.minimum(x, top)
        log = factorial[a] + factorial[b] + factorial[n - a] + factorial[n - b] - factorial[n]
        log = log - factorial[x] - factorial[a - x] - factorial[b - x] - factorial[n - a - b + x]
        terms = np.where(inside, np.exp(log) * x * np.log(np.maximum(x, 1)), 0.0)
        total[u, : u + 1] = total[: u + 1, u] = terms.sum(axis=1)
    return total
