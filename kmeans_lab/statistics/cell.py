"""What the starts of one cell say.

A start without an outcome has NaN inertia: it counts as a failure in every share and is left out of
quantiles and of the best of R. Where no start has an outcome, nothing is known: shares are NaN.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .estimates import Estimate, certain, opened, share
from .restarts import PROBABILITIES, expected_best, restart_counts, restarts_needed
from .values import REACHED, Quantiles, gaps, quantiles, rank_correlation

__all__ = ["CellStatistics", "describe"]


class CellStatistics(NamedTuple):
    """What the starts of one cell say."""

    starts: int
    outcomes: int  # starts that have one
    status: Mapping[str, int]  # starts by status
    inertia: Quantiles
    gap: Quantiles
    n_iter: Quantiles
    optima: int  # distinct partitions that converged starts end in
    reached: int  # starts within REACHED of the best known inertia
    reach: Estimate  # probability that one start reaches it
    restarts: Mapping[float, Estimate]  # needed, by the probability wanted
    expected_gap: Mapping[int, float]  # of the best of R starts, by R
    rank_correlation: float  # of inertia and silhouette
    ari: Quantiles  # NaN where there is no truth


def describe(
    status: ArrayLike,
    inertia: ArrayLike,
    silhouette: ArrayLike,
    n_iter: ArrayLike,
    partition: ArrayLike,
    ari: ArrayLike,
    best: float,
    *,
    exact: bool = False,
    seldom: bool = False,
) -> CellStatistics:
    """Statistics of the N starts of one cell, each argument (N,); `best`: the best known inertia.

    Quantiles and expected gaps are those of the starts that have an outcome. The probability to
    reach the best counts every start, those that ended without an outcome as failures.
    exact: the starts are all there are, as of a deterministic init, so the interval is a point, and
    new ones are drawn from them with replacement. seldom: see `opened`.
    """
    ends, values = np.asarray(status), np.asarray(inertia, dtype=np.float64)
    outcome = ~np.isnan(values)
    gap = gaps(values[outcome], best)
    reached = int((gap <= REACHED).sum())
    reach = share(reached, outcome)
    if exact:
        reach = certain(reach.value)
    elif seldom:
        reach = opened(reach)
    counts = restart_counts(gap.size)
    expected = expected_best(gap, counts, again=exact)
    return CellStatistics(
        starts=values.size,
        outcomes=gap.size,
        status=Counter(ends.tolist()),
        inertia=quantiles(values[outcome]),
        gap=quantiles(gap),
        n_iter=quantiles(np.asarray(n_iter)[outcome]),
        optima=len(set(np.asarray(partition)[ends == "converged"].tolist())),
        reached=reached,
        reach=reach,
        restarts={q: restarts_needed(reach, q) for q in PROBABILITIES},
        expected_gap=dict(zip(counts, expected.tolist(), strict=True)),
        rank_correlation=rank_correlation(values, silhouette),
        ari=quantiles(np.asarray(ari, dtype=np.float64)[outcome]),
    )
