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

MOST_PARTITIONS = 64
MOST_CLUSTERS = 2048  # of all partitions compared
MOST_WORK = 1e8  # points of all pairs of partitions compared


class MeanAgreement(NamedTuple):
    """Means over all pairs of distinct starts; NaN for fewer than two."""

    ari: float
    ami: float
    vi: float  # nats
    partitions: int  # that were compared
    left_out: float  # share of the starts, whose partitions were not


def compared(counts: ArrayLike, n: int, k: int) -> NDArray[np.int64]:
    """Which partitions of n points into k clusters are compared: indices, the most frequent first.

    At most 64, with at most 2048 clusters together and at most 1e8 points in all pairs, but two in
    any case. Equally frequent ones are taken in the order given, which should not be that of their
    inertia, lest the best be preferred.

    >>> compared([1, 5, 1, 9], 150, 3)
    array([3, 1, 0, 2])
    """
    most = min(MOST_PARTITIONS, MOST_CLUSTERS // max(k, 1), math.isqrt(int(MOST_WORK / max(n, 1))))
    order = np.argsort(-np.asarray(counts, dtype=np.int64), kind="stable")
    return order[: max(most, 2)]


def mean_agreement(
    labels: ArrayLike, counts: ArrayLike, starts: int | None = None
) -> MeanAgreement:
    """Mean ARI, AMI and VI of two distinct random starts of a cell.

    Exact for the starts whose partitions are `compared`. starts: how many the cell has, those
    without such labels included; default: the sum of `counts`. Source: von Luxburg, Clustering
    stability: an overview (2010), section 2; the three measures: see `agreement`.

    >>> mean_agreement([[0, 0, 1, 1], [0, 1, 0, 1]], [3, 1]).ari
    0.25
    """
    chosen, times = _chosen(labels, counts)
    every = int(np.sum(counts)) if starts is None else starts
    pairs = _pairs(times)
    if pairs.sum():
        ari, ami, vi = (float((pairs * each).sum() / pairs.sum()) for each in agreement(chosen))
    else:
        ari = ami = vi = math.nan
    left_out = 1 - float(times.sum()) / every if every else math.nan
    return MeanAgreement(ari, ami, vi, len(chosen), left_out)


def consistency(labels: ArrayLike, counts: ArrayLike) -> NDArray[np.float64]:
    """For each point (n,), how alike two distinct random starts see it: 1 if always the same.

    The mean element-centric similarity, which for the clusters A, B that hold the point is
    |A ∩ B| / max(|A|, |B|). Over the partitions `compared`; NaN for fewer than two starts.
    Source: Gates, Wood, Hetrick & Ahn, Element-centric clustering comparison unifies overlaps and
    hierarchy (2019), Methods; the closed form follows from its affinities α/|A| within a cluster.

    >>> consistency([[0, 0, 1, 1], [0, 0, 0, 1]], [1, 1])
    array([0.66666667, 0.66666667, 0.33333333, 0.5       ])
    """
    chosen, times = _chosen(labels, counts)
    groups, pairs = grouped(chosen), _pairs(times)
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


def _chosen(
    labels: ArrayLike, counts: ArrayLike
) -> tuple[NDArray[np.integer], NDArray[np.float64]]:
    """Labels and counts of the partitions that are compared."""
    rows = np.asarray(labels)
    keep = compared(counts, rows.shape[1], int(rows.max(initial=0)) + 1)
    return rows[keep], np.asarray(counts, dtype=np.float64)[keep]


def _pairs(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ordered pairs of distinct starts, by the partitions they ended in (P, P)."""
    return np.outer(times, times) - np.diag(times)
