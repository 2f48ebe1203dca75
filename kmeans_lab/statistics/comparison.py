"""Two inits compared by their starts: how often one ends lower, how much more often it arrives."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .estimates import Estimate, Z, certain

__all__ = ["difference", "superiority"]

LOST = float(np.finfo(np.float64).max)  # rank of a start without outcome: below the end added


def superiority(
    x: ArrayLike, y: ArrayLike, *, deterministic: tuple[bool, bool] = (False, False)
) -> Estimate:
    """Probability that a start of x ends lower than one of y, ties counting half; NaN without any.

    x (N,), y (M,): what is better when lower, as inertia; NaN (no outcome) is worse than every
    number. deterministic: whether x, y are the one start of an init that always does the same.
    Above 0.5 x is the better one. This is Vargha & Delaney's A₁₂ with lower as better.

    The interval is that of Brunner & Munzel, from the variance of each start's own probability to
    beat the other side, after one start that beats all and one that loses to all were added to each
    side. So it holds at 0 and 1 and where nearly all starts tie, on the safe side for few starts.
    O((N+M) log (N+M)).
    Sources: Vargha & Delaney, A critique and improvement of the CL common language effect size
    statistics of McGraw and Wong (2000), eq. 3; Brunner & Munzel, The nonparametric Behrens-Fisher
    problem (2000), section 3; the added starts after Agresti & Caffo, Simple and effective
    confidence intervals for proportions and differences of proportions (2000), who add them to two
    outcomes.

    >>> superiority([1.0, 2.0], [2.0, 3.0]).value, superiority([5.0, 5.0], [1.0]).value
    (0.875, 0.0)
    """
    ours, theirs = (_ranked(each) for each in (x, y))
    if not ours.size or not theirs.size:
        return certain(math.nan)
    value = float(_wins(ours, theirs).mean())
    sides = [
        each if sure else np.concatenate([[-np.inf], each, [np.inf]])
        for each, sure in zip((ours, theirs), deterministic, strict=True)
    ]
    won = _wins(*sides), _wins(*sides[::-1])
    center = float(won[0].mean())
    doubts = [
        w.var(ddof=1) / w.size for w, sure in zip(won, deterministic, strict=True) if not sure
    ]
    half = Z * math.sqrt(sum(doubts))
    return Estimate(value, max(min(center - half, value), 0.0), min(max(center + half, value), 1.0))


def _ranked(values: ArrayLike) -> NDArray[np.float64]:
    """Values in order, those without outcome last: all finite ones come before the added end."""
    return np.sort(np.nan_to_num(np.asarray(values, dtype=np.float64), nan=LOST))


def _wins(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each of `ours` the share of `theirs`, in order, that is higher, ties counting half."""
    below, up_to = (np.searchsorted(theirs, ours, side) for side in ("left", "right"))
    return 1 - (below + up_to) / (2 * theirs.size)


def difference(one: Estimate, other: Estimate) -> Estimate:
    """Difference of two independent shares, each with its interval; NaN if one is.

    Source: Newcombe, Interval estimation for the difference between independent proportions (1998),
    method 10: each bound from the distances of the shares' own Wilson bounds.

    >>> from kmeans_lab.statistics import wilson
    >>> [round(x, 4) for x in difference(wilson(56, 70), wilson(48, 80))]
    [0.2, 0.0524, 0.3339]
    """
    value = one.value - other.value
    below = math.hypot(one.value - one.low, other.high - other.value)
    above = math.hypot(one.high - one.value, other.value - other.low)
    return Estimate(value, max(value - below, -1.0), min(value + above, 1.0))
