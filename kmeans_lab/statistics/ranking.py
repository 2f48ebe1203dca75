"""Which of several methods is ahead over data sets: ranks, what they can show, equivalence.

A data set is the unit, whatever the number of starts made on it: a method has one score on each,
the lower the better. Enough starts tell any two methods apart on one data set; only more data sets
tell that it will be so on the next.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "ALPHA",
    "Equivalence",
    "Friedman",
    "cliques",
    "critical_difference",
    "enough",
    "friedman",
    "signed_rank",
]

ALPHA = 0.05  # a ranking errs so often where the methods are equal
RESAMPLES = 9999  # orders drawn for a p-value; where there are fewer, each is taken once
SAMPLES = 20_000  # of a posterior: its probabilities have standard errors below 0.004
PRIOR = 0.5  # weight of the prior's one data set, on which the two methods are equal


class Friedman(NamedTuple):
    """Average ranks, and whether they differ by more than chance."""

    ranks: NDArray[np.float64]  # (m,), 1 is the best; ties share their mean
    chi_square: float  # with the correction for ties
    F: float  # of Iman and Davenport; ∞ where all data sets agree
    p: float  # probability of ranks so different or more, where the methods are equal


class Equivalence(NamedTuple):
    """Posterior probabilities of what holds on most data sets; they sum to 1."""

    better: float
    equivalent: float
    worse: float


def friedman(scores: ArrayLike) -> Friedman:
    """Friedman's test over the rows of `scores` (D, m), D data sets and m ≥ 2 methods.

    p: by permuting the ranks within each data set, all ways where they are at most RESAMPLES, so
    that it holds for a few data sets too, where χ² and F do not. Sources: Friedman, The use of
    ranks to avoid the assumption of normality (1937); Iman & Davenport, Approximations of the
    critical region of the Friedman statistic (1980); Conover, Practical nonparametric statistics
    (1999), section 5.8, for ties; Demšar, Statistical comparisons of classifiers over multiple
    data sets (2006), section 3.2.2.

    >>> friedman([[1.0, 2.0, 3.0], [0.1, 0.2, 0.3], [5.0, 6.0, 7.0]])[1:]
    (6.0, inf, 0.027777777777777776)
    """
    from scipy.stats import permutation_test, rankdata

    ranks = np.asarray(rankdata(np.asarray(scores, dtype=np.float64), axis=1))
    D, m = ranks.shape
    spread = float(((ranks - (m + 1) / 2) ** 2).sum())
    if spread == 0:  # all methods are equal on every data set
        return Friedman(ranks.mean(axis=0), 0.0, 0.0, 1.0)
    chi_square = (m - 1) * _unevenness(*ranks.T) / spread
    left = D * (m - 1) - chi_square
    F = (D - 1) * chi_square / left if left > 1e-9 else math.inf
    found = permutation_test(
        tuple(ranks.T),
        _unevenness,
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=1000,
        alternative="greater",
        rng=np.random.default_rng(0),
    )
    # No order of the ranks is rarer than that of full agreement, though fewer may be drawn.
    p = max(float(found.pvalue), math.factorial(m) ** (1.0 - D))
    return Friedman(ranks.mean(axis=0), float(chi_square), float(F), p)


def _unevenness(*ranks: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """How far the methods' rank sums lie apart; `ranks`: of each method, data sets along `axis`."""
    sums = np.stack([each.sum(axis=axis) for each in ranks])
    return np.asarray(((sums - sums.mean(axis=0)) ** 2).sum(axis=0))


def critical_difference(m: int, D: int, alpha: float = ALPHA) -> float:
    """How far average ranks of m methods over D data sets must differ: q_α √(m(m+1) / 6D).

    q_α is the studentized range's upper α quantile for m means and infinite degrees of freedom,
    divided by √2. Source: Nemenyi, Distribution-free multiple comparisons (1963), as told by Demšar
    (2006), section 3.2.2 and table 5.

    >>> round(critical_difference(4, 14), 2)
    1.25
    """
    from scipy.stats import studentized_range

    q = float(studentized_range.ppf(1 - alpha, m, np.inf)) / math.sqrt(2)
    return q * math.sqrt(m * (m + 1) / (6 * D))


def cliques(ranks: ArrayLike, difference: float) -> tuple[tuple[int, ...], ...]:
    """Methods that cannot be told apart: the largest sets whose ranks (m,) all lie closer than it.

    Places in `ranks`, the best first; a method that is apart from all others is in none.
    Source: Demšar (2006), section 3.2.4, the bars of the diagram.

    >>> cliques([1.2, 3.9, 2.0, 3.0], 1.25)
    ((0, 2), (2, 3), (3, 1))
    """
    average = np.asarray(ranks, dtype=np.float64)
    order = np.argsort(average, kind="stable")
    ends = np.searchsorted(average[order], average[order] + difference)
    spans: list[tuple[int, int]] = []
    for first, end in enumerate(ends.tolist()):
        if end - first > 1 and (not spans or end > spans[-1][1]):
            spans.append((first, end))
    return tuple(tuple(order[first:end].tolist()) for first, end in spans)


def enough(m: int, alpha: float = ALPHA) -> int:
    """The fewest data sets over which m ≥ 2 methods could be ranked at all, were all to agree.

    Then p is (m!)^(1−D), the chance that all put the methods in the order of the first, and the
    best and the worst average rank lie m − 1 apart; the first must be at most α, the second at
    least the critical difference.

    >>> [enough(m) for m in (2, 3, 4, 15)]
    [6, 3, 3, 3]
    """
    D = 2
    while math.factorial(m) ** (1.0 - D) > alpha or critical_difference(m, D, alpha) > m - 1:
        D += 1
    return D


def signed_rank(
    differences: Sequence[float] | ArrayLike, rope: float, seed: int = 0
) -> Equivalence:
    """The Bayesian signed-rank test with a region of practical equivalence.

    differences: (D,), on each data set the other method's score less the one's: positive where the
    one is better. rope: differences up to it do not matter. A Dirichlet process prior of strength
    PRIOR at 0 makes the posterior random weights w of the data sets and of 0; the one is better
    where Σ wᵢwⱼ over the pairs whose mean lies above the rope is more than over those within it and
    over those below. Source: Benavoli, Corani, Demšar & Zaffalon, Time for a change: a tutorial for
    comparing multiple classifiers through Bayesian analysis (2017), section 4.2.

    >>> signed_rank([0.0005, -0.0002, 0.0001], rope=0.001)
    Equivalence(better=0.0, equivalent=1.0, worse=0.0)
    """
    z = np.concatenate([[0.0], np.asarray(differences, dtype=np.float64)])
    means = (z[:, None] + z) / 2
    strengths = np.array([PRIOR, *[1.0] * (z.size - 1)])
    weights = np.random.default_rng(seed).dirichlet(strengths, SAMPLES)
    regions = (means > rope, np.abs(means) <= rope, means < -rope)
    shares = np.stack([((weights @ region) * weights).sum(axis=1) for region in regions])
    wins = shares == shares.max(axis=0)
    return Equivalence(*(wins / wins.sum(axis=0)).mean(axis=1).tolist())
