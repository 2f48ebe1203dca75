"""What many starts say: shares with intervals, restarts needed, the best of R, ranks.

Arrays go in, named tuples come out; NaN stands for null. A start without an outcome has NaN
inertia: it counts as a failure in every share and is left out of quantiles and of the best of R.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "PROBABILITIES",
    "REACHED",
    "CellStatistics",
    "Ecdf",
    "Estimate",
    "Quantiles",
    "best_known",
    "describe",
    "ecdf",
    "expected_best",
    "gaps",
    "quantiles",
    "rank_correlation",
    "restart_counts",
    "restarts_needed",
    "wilson",
]

REACHED = 1e-9  # a gap up to this is rounding, not another optimum
PROBABILITIES = (0.95, 0.99)
Z = 1.959963984540054  # the standard normal exceeds it with probability 0.025
PERCENTILES = (0, 5, 25, 50, 75, 95, 100)


class Estimate(NamedTuple):
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float


class Quantiles(NamedTuple):
    """Values that occurred, in order; NaN where there is none."""

    min: float
    q05: float
    q25: float
    median: float
    q75: float
    q95: float
    max: float


class Ecdf(NamedTuple):
    """A step function: `share` of all starts have a value up to `values`."""

    values: NDArray[np.float64]  # (m,), distinct, rising
    share: NDArray[np.float64]  # (m,)


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


def best_known(inertia: ArrayLike, stated: float | None = None) -> float:
    """The lowest inertia found, or stated if that is lower; NaN where there is neither.

    >>> best_known([3.0, float("nan"), 2.0]), best_known([3.0], stated=1.5)
    (2.0, 1.5)
    """
    found = np.asarray(inertia, dtype=np.float64)
    known = [float(x) for x in found[~np.isnan(found)]] if found.size else []
    return min([*known, *([] if stated is None else [stated])], default=math.nan)


def gaps(inertia: ArrayLike, best: float) -> NDArray[np.float64]:
    """(inertia − best) / best; where the best is 0: 0 if equal, else NaN.

    >>> gaps([2.0, 3.0], 2.0), gaps([0.0, 3.0], 0.0)
    (array([0. , 0.5]), array([ 0., nan]))
    """
    values = np.asarray(inertia, dtype=np.float64)
    if best == 0:
        return np.where(values == 0, 0.0, np.nan)
    with np.errstate(over="ignore"):
        return (values - best) / best


def quantiles(values: ArrayLike) -> Quantiles:
    """Values at 0, 5, 25, 50, 75, 95 and 100 %, each one that occurred, the lower on a tie.

    NaN ranks above every number. Source: Hyndman & Fan, Sample quantiles in statistical packages
    (1996), definition 1.

    >>> quantiles([4.0, 1.0, 3.0, 2.0]).median
    2.0
    """
    ranked = np.sort(np.asarray(values, dtype=np.float64))
    N = ranked.size
    if N == 0:
        return Quantiles(*[math.nan] * len(PERCENTILES))
    return Quantiles(*[float(ranked[max((N * q + 99) // 100 - 1, 0)]) for q in PERCENTILES])


def wilson(successes: int, starts: int) -> Estimate:
    """Share of successes and its Wilson 95 % score interval; NaN without starts.

    Source: Wilson, Probable inference, the law of succession, and statistical inference (1927).

    >>> [round(x, 4) for x in wilson(0, 10)]
    [0.0, 0.0, 0.2775]
    """
    if starts == 0:
        return Estimate(math.nan, math.nan, math.nan)
    share, z2 = successes / starts, Z * Z
    center = (successes + z2 / 2) / (starts + z2)
    half = Z / (starts + z2) * math.sqrt(share * (starts - successes) + z2 / 4)
    # At the ends the bound is the share itself, which rounding must not miss.
    low = 0.0 if successes == 0 else center - half
    high = 1.0 if successes == starts else center + half
    return Estimate(share, low, high)


def restarts_needed(reach: Estimate, probability: float) -> Estimate:
    """Starts that together succeed with `probability`, where one does with `reach`.

    The smallest R with 1 − (1 − p)^R ≥ probability; infinite for p = 0. Success is likelier at the
    high end of `reach`, which therefore gives the low end here: after 0 successes that is how many
    restarts are too few at best, and after nothing but successes the high end is how many may be
    needed at worst.

    >>> restarts_needed(Estimate(0.05, 0.0, 0.30), 0.99)
    Estimate(value=90.0, low=13.0, high=inf)
    """
    return Estimate(*(_restarts(p, probability) for p in (reach.value, reach.high, reach.low)))


def _restarts(p: float, probability: float) -> float:
    if math.isnan(p):
        return math.nan
    if p <= 0:
        return math.inf
    if p >= probability:
        return 1.0
    # Where R is exactly enough, rounding of the logarithms must not ask for one more.
    return float(math.ceil(math.log1p(-probability) / math.log1p(-p) * (1 - 1e-12)))


def restart_counts(starts: int) -> list[int]:
    """1, 2, 5, 10, 20, 50, 100, … up to the number of starts.

    >>> restart_counts(60)
    [1, 2, 5, 10, 20, 50]
    """
    digits = len(str(starts))
    series = [m * 10**e for e in range(digits) for m in (1, 2, 5)]
    return [count for count in series if count <= starts]


def expected_best(values: ArrayLike, restarts: Iterable[int]) -> NDArray[np.float64]:
    """Expected lowest of R of the values drawn without replacement, for each R; NaN for R > N.

    The mean over all C(N, R) subsets, an unbiased estimate of the expected best of R new starts:
    Σ s₍ᵢ₎ C(N−i, R−1) / C(N, R) over the sorted values s. NaN ranks above every number, so the
    answer is NaN where it may be the lowest. Source: Hoeffding, A class of statistics with
    asymptotically normal distribution (1948), section 3, with the minimum as kernel.

    >>> expected_best([1.0, 2.0, 6.0], [1, 2, 3])
    array([3.        , 1.33333333, 1.        ])
    """
    ranked = np.sort(np.asarray(values, dtype=np.float64))
    return np.array([_expected_best(ranked, R) for R in restarts], dtype=np.float64)


def _expected_best(ranked: NDArray[np.float64], R: int) -> float:
    N = ranked.size
    if not 1 <= R <= N:
        return math.nan
    i = np.arange(1, N - R + 1)
    ratios = (N - i - R + 1) / (N - i)  # of one weight to the next: no binomial is ever formed
    weights = R / N * np.cumprod(np.concatenate([[1.0], ratios]))
    return math.fsum(weights * ranked[: weights.size])


def rank_correlation(x: ArrayLike, y: ArrayLike) -> float:
    """Spearman's rank correlation of pairs without NaN; NaN if one is constant or fewer than 3.

    >>> rank_correlation([1.0, 2.0, 3.0, 4.0], [8.0, 7.0, 6.0, 5.0])
    -1.0
    """
    from scipy.stats import spearmanr

    pairs = np.stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
    pairs = pairs[:, ~np.isnan(pairs).any(axis=0)]
    if pairs.shape[1] < 3 or (pairs == pairs[:, :1]).all(axis=1).any():
        return math.nan
    return float(spearmanr(*pairs).statistic)


def ecdf(values: ArrayLike) -> Ecdf:
    """Share of all starts with a value up to each one that occurred; NaN is never reached.

    >>> ecdf([2.0, 1.0, 2.0, float("nan")]).share
    array([0.25, 0.75])
    """
    every = np.asarray(values, dtype=np.float64)
    distinct, counts = np.unique(every[~np.isnan(every)], return_counts=True)
    return Ecdf(distinct, np.cumsum(counts) / max(every.size, 1))


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
) -> CellStatistics:
    """Statistics of the N starts of one cell, each argument (N,); `best`: the best known inertia.

    Quantiles and expected gaps are those of the starts that have an outcome. The probability to
    reach the best counts every start, those that ended without an outcome as failures.
    exact: the starts are all there are, as of a deterministic init, so the interval is a point.
    """
    ends, values = np.asarray(status), np.asarray(inertia, dtype=np.float64)
    outcome = ~np.isnan(values)
    gap = gaps(values[outcome], best)
    reached = int((gap <= REACHED).sum())
    reach = wilson(reached, values.size)
    if exact:
        reach = Estimate(reach.value, reach.value, reach.value)
    counts = restart_counts(gap.size)
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
        expected_gap=dict(zip(counts, expected_best(gap, counts).tolist(), strict=True)),
        rank_correlation=rank_correlation(values, silhouette),
        ari=quantiles(np.asarray(ari, dtype=np.float64)[outcome]),
    )
