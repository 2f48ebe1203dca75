"""How far two starts of a cell agree, over all pairs of starts at once, and point by point.

`labels` (P, n) are the distinct partitions that starts ended in, non-negative integers whose names
mean nothing; `counts` (P,) the starts that ended in each. What all pairs of starts say follows from
the pairs of partitions: i ≠ j stand for cᵢcⱼ ordered pairs of distinct starts, a partition with
itself for cᵢ(cᵢ−1).
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .partitions import agreement, grouped, tables

__all__ = ["MeanAgreement", "coassociation", "compared", "consistency", "mean_agreement"]

MOST_PARTITIONS = 256
MOST_CLUSTERS = 4096  # of all partitions compared
MOST_WORK = 2e8  # points of all pairs of partitions compared: about half a second


class MeanAgreement(NamedTuple):
    """Means over all pairs of distinct starts; NaN for fewer than two."""

    ari: float
    ami: float
    vi: float  # nats


def compared(ends: ArrayLike, n: int, k: int) -> int:
    """How many of the first starts are compared, by the partitions (R,) they end in, in any names.

    As many as have at most 256 partitions, at most 4096 clusters in these and at most 2e8 points in
    all pairs of them, but two partitions in any case. Starts are independent draws, so the first of
    them tell what all would without favor; the most frequent partitions would make starts seem more
    alike than they are.

    >>> compared([4, 7, 4, 4], 150, 3), compared([4, 7, 4, 4, 9, 4], 10**9, 3)
    (4, 4)
    """
    most = min(MOST_PARTITIONS, MOST_CLUSTERS // max(k, 1), math.isqrt(int(MOST_WORK / max(n, 1))))
    rows = np.asarray(ends)
    first = np.sort(np.unique(rows, return_index=True)[1])  # where each partition comes first
    return int(first[max(most, 2)]) if first.size > max(most, 2) else rows.size


def mean_agreement(labels: ArrayLike, counts: ArrayLike) -> MeanAgreement:
    """Mean ARI, AMI and VI of two distinct starts, over all pairs of them.

    Source: von Luxburg, Clustering stability: an overview (2010), section 2; the three measures:
    see `agreement`.

    >>> mean_agreement([[0, 0, 1, 1], [0, 1, 0, 1]], [3, 1]).ari
    0.25
    """
    pairs = _pairs(counts)
    if not pairs.sum():
        return MeanAgreement(math.nan, math.nan, math.nan)
    return MeanAgreement(*(float((pairs * m).sum() / pairs.sum()) for m in agreement(labels)))


def consistency(labels: ArrayLike, counts: ArrayLike) -> NDArray[np.float64]:
    """For each point (n,), how alike two distinct random starts see it: 1 if always the same.

    The mean element-centric similarity, which for the clusters A, B that hold the point is
    |A ∩ B| / max(|A|, |B|). NaN for fewer than two starts.
    Source: Gates, Wood, Hetrick & Ahn, Element-centric clustering comparison unifies overlaps and
    hierarchy (2019), Methods; the closed form follows from its affinities α/|A| within a cluster.

    >>> consistency([[0, 0, 1, 1], [0, 0, 0, 1]], [1, 1])
    array([0.66666667, 0.66666667, 0.33333333, 0.5       ])
    """
    groups, pairs = grouped(labels), _pairs(counts)
    if not pairs.sum():
        return np.full(groups.where.shape, np.nan)
    codes, sizes = groups.labels, groups.sizes
    total = np.full(codes.shape[1], np.trace(pairs))
    for i in range(len(codes) - 1):
        rest = slice(i + 1, None)
        larger = np.maximum(sizes[i][:, None], sizes[rest, None, :])
        alike = tables(groups, i, rest) / np.maximum(larger, 1)
        total += 2 * pairs[i, rest] @ alike[np.arange(len(alike))[:, None], codes[i], codes[rest]]
    return np.asarray(total / pairs.sum())[groups.where]


def coassociation(labels: ArrayLike, counts: ArrayLike, best: ArrayLike) -> NDArray[np.float64]:
    """For each point (n,), the share of starts that leave it with a companion it has in `best`.

    best (n,): labels of the partition asked about. The mean over the companions, the other members
    of its cluster there; 1 for a point that is alone there. All partitions count. Source: Fred &
    Jain, Combining multiple clusterings using evidence accumulation (2005), section 3.2.

    >>> coassociation([[0, 0, 0, 1], [0, 0, 1, 1]], [1, 1], [0, 0, 0, 1])
    array([0.75, 0.75, 0.5 , 1.  ])
    """
    rows, home = np.asarray(labels, dtype=np.int64), np.asarray(best, dtype=np.int64)
    times, companions = np.asarray(counts, dtype=np.float64), np.bincount(home)[home] - 1
    k, kept = int(rows.max(initial=0)) + 1, np.zeros(home.size)
    for row, count in zip(rows, times, strict=True):
        cells = home * k + row
        kept += count * (np.bincount(cells)[cells] - 1)
    return np.where(companions == 0, 1.0, kept / np.maximum(companions * times.sum(), 1))


def _pairs(counts: ArrayLike) -> NDArray[np.float64]:
    """Ordered pairs of distinct starts, by the partitions they ended in (P, P)."""
    times = np.asarray(counts, dtype=np.float64)
    return np.outer(times, times) - np.diag(times)
