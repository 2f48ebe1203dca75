"""What was found: gaps to the best known, quantiles, distribution functions, ranks."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "REACHED",
    "Ecdf",
    "Quantiles",
    "best_known",
    "ecdf",
    "gaps",
    "quantiles",
    "rank_correlation",
]

REACHED = 1e-9  # a gap up to this is rounding, not another optimum
PERCENTILES = (0, 5, 25, 50, 75, 95, 100)


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
