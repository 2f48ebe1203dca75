"""Restarts: what one start reaches, how many are needed, what the best of R comes to."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .estimates import SELDOM, Estimate, Z, share
from .values import REACHED

__all__ = [
    "GAPS",
    "PROBABILITIES",
    "BestOf",
    "best_of",
    "expected_best",
    "reliable",
    "restart_counts",
    "restarts_needed",
    "success",
]

PROBABILITIES = (0.95, 0.99)
GAPS = (0.0, 1e-3, 1e-2, 5e-2)
FEWEST = 10  # the best of R is told from this many times R starts
RESAMPLES = 2000
EXACT = 512  # distinct values that a resample keeps apart; all above fall in as many groups


class BestOf(NamedTuple):
    """The lowest of R starts, each field (m,): expected, and a 95 % band where `inside`."""

    restarts: NDArray[np.int64]
    expected: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    inside: NDArray[np.bool_]


def success(gap: ArrayLike, within: Iterable[float] = GAPS) -> dict[float, Estimate]:
    """Share of starts whose gap (N,) is within each limit, by limit, with its Wilson interval.

    A NaN gap is a failure, and if all are NaN nothing is known; up to REACHED is 0.

    >>> [round(p.value, 2) for p in success([0.0, 0.0005, 0.02, float("nan")]).values()]
    [0.25, 0.5, 0.5, 0.75]
    """
    every = np.asarray(gap, dtype=np.float64)
    reached = {limit: every <= max(limit, REACHED) for limit in within}
    return {limit: share(int(hit.sum()), ~np.isnan(every)) for limit, hit in reached.items()}


def restarts_needed(reach: Estimate, probability: float) -> Estimate:
    """Starts that together succeed with `probability`, where one does with `reach`.

    The smallest R with 1 − (1 − p)^R ≥ probability; infinite for p = 0. Success is likelier at the
    high end of `reach`, which therefore gives the low end here: after 0 successes that is how many
    restarts are too few at best, and after nothing but successes the high end is how many may be
    needed at worst. It covers as Wilson's interval does, and more where whole numbers are coarse,
    for probabilities of 0.2 and more.

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


def expected_best(
    values: ArrayLike, restarts: Iterable[int], *, again: bool = False
) -> NDArray[np.float64]:
    """Expected lowest of R of the values drawn without replacement, for each R; NaN for R > N.

    The mean over all C(N, R) subsets, an unbiased estimate of the expected best of R new starts:
    Σ s₍ᵢ₎ C(N−i, R−1) / C(N, R) over the sorted values s. NaN ranks above every number, so the
    answer is NaN where it may be the lowest. again: the values are all there are, so R new starts
    draw them with replacement: Σ s₍ᵢ₎ ((N−i+1)ᴿ − (N−i)ᴿ) / Nᴿ, exactly.
    Source: Hoeffding, A class of statistics with asymptotically normal distribution (1948), section
    3, with the minimum as kernel.

    >>> expected_best([1.0, 2.0, 6.0], [1, 2, 3])
    array([3.        , 1.33333333, 1.        ])
    """
    distinct, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    up_to = np.cumsum(counts)  # values that are not higher than each distinct one
    mean = _expected_again if again else _expected_best
    return np.array([mean(distinct, up_to, R) for R in restarts], dtype=np.float64)


def _expected_again(distinct: NDArray[np.float64], up_to: NDArray[np.int64], R: int) -> float:
    if not up_to.size or R < 1:
        return math.nan
    higher = (1 - up_to[:-1] / up_to[-1]) ** R  # all R above each distinct value
    return float(distinct[0] + (np.diff(distinct) * higher).sum())


def _expected_best(distinct: NDArray[np.float64], up_to: NDArray[np.int64], R: int) -> float:
    N = int(up_to[-1]) if up_to.size else 0
    if not 1 <= R <= N:
        return math.nan
    taken = np.arange(N - R)
    avoid = np.cumprod((N - R - taken) / (N - taken))  # share of subsets without the lowest 1, 2, …
    higher = avoid[up_to[up_to <= N - R] - 1]  # without any up to each distinct value
    return float(distinct[0] + (np.diff(distinct[: higher.size + 1]) * higher).sum())


def best_of(values: ArrayLike, restarts: Iterable[int], seed: int = 0) -> BestOf:
    """Expected lowest of R new starts, estimated from `values` (N,), with a bootstrap band.

    `expected` is that of `expected_best`. The band is the BCa interval of 2000 resamples of the N
    values, a pure function of its arguments. Starts without an outcome (NaN) are left out.

    The band is told where R ≤ N/10 and the best was seen at least 10 times; elsewhere `inside` is
    false and the band NaN: the data do not reach so far. Nor do they where a value was not seen:
    one of probability p changes the best of R with probability below R·p, and the mean (R = 1) by p
    times its distance. Where such values do not matter, it covers 93 to 97 %.
    Source: Efron, Better bootstrap confidence intervals (1987), section 2 and 7.

    >>> best_of([1.0, 2.0] * 20, [1, 2, 5]).inside
    array([ True,  True, False])
    """
    every = np.asarray(values, dtype=np.float64)
    every, sizes = every[~np.isnan(every)], np.array(list(restarts), dtype=np.int64)
    distinct, counts = np.unique(every, return_counts=True)
    inside = reliable(every, sizes)
    low, high = np.full((2, sizes.size), np.nan)
    if inside.any():
        low[inside], high[inside] = _band(*_grouped(distinct, counts), sizes[inside], seed)
    return BestOf(sizes, expected_best(every, sizes.tolist()), low, high, inside)


def reliable(values: ArrayLike, restarts: ArrayLike) -> NDArray[np.bool_]:
    """Whether `values` (N,) tell the expected best of each R: R ≤ N/10, the best seen 10 times.

    >>> reliable([1.0] * 10 + [2.0] * 90, [10, 11])
    array([ True, False])
    """
    every, sizes = np.asarray(values, dtype=np.float64), np.asarray(restarts)
    known = every[~np.isnan(every)]
    best = known.min(initial=math.inf)
    seen = np.count_nonzero(known - best <= REACHED * abs(best)) if known.size else 0
    return np.asarray((sizes >= 1) & (sizes * FEWEST <= known.size) & (seen >= SELDOM))


def _grouped(
    distinct: NDArray[np.float64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The same values, those above the EXACT lowest as means of groups of neighbors."""
    rest = np.arange(max(distinct.size - EXACT, 0))
    group = np.concatenate(
        [np.arange(distinct.size - rest.size), EXACT + rest * EXACT // max(rest.size, EXACT)]
    )
    sizes = np.bincount(group, counts)
    return np.bincount(group, counts * distinct) / sizes, sizes.astype(np.int64)


def _band(
    distinct: NDArray[np.float64], counts: NDArray[np.int64], sizes: NDArray[np.int64], seed: int
) -> NDArray[np.float64]:
    """Bounds (2, m) of the expected lowest of each of the `sizes` (m,) draws with replacement."""
    N, steps = counts.sum(), np.diff(distinct)
    # Other counts, other draws: no two cells share what luck the draws have.
    rng = np.random.default_rng([seed, *counts.tolist()])
    drawn = rng.multinomial(N, counts / N, size=RESAMPLES)
    higher = 1 - np.cumsum(np.vstack([counts, drawn]), axis=1)[:, :-1] / N  # share, by value
    with np.errstate(divide="ignore"):
        logs = np.log(higher)
    bounds = []
    for R in sizes:
        lowest = distinct[0] + (np.exp(R * logs) * steps).sum(axis=1)
        slopes = R * np.exp((R - 1) * logs[0]) * steps
        influence = np.concatenate([[0.0], np.cumsum(slopes)]) - slopes @ higher[0]
        bounds.append(_corrected(lowest[1:], lowest[0], influence, counts))
    return np.array(bounds).T


def _corrected(
    resampled: NDArray[np.float64],
    estimate: np.float64,
    influence: NDArray[np.float64],
    counts: NDArray[np.int64],
) -> NDArray[np.float64]:
    """The two quantiles of `resampled` that correct for bias and skewness (BCa)."""
    from scipy.special import ndtr, ndtri

    scaled = influence / (np.abs(influence).max() or 1.0)
    spread = (counts * scaled**2).sum() ** 1.5
    skew = (counts * scaled**3).sum() / (6 * spread) if spread else 0.0
    rank = ((resampled < estimate).mean() + (resampled <= estimate).mean()) / 2
    bias = ndtri(np.clip(rank, 1 / RESAMPLES, 1 - 1 / RESAMPLES))
    ends = bias + np.array([-Z, Z])
    return np.asarray(np.quantile(resampled, ndtr(bias + ends / (1 - skew * ends))))
