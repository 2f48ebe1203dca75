"""How many optima there are: their effective number, and what no start has shown yet.

`counts` are starts by optimum, (w,) integers: what the N converged starts of a cell, taken as
independent draws from its basins, ended in. f₁ and f₂ are the optima seen once and twice.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .estimates import Estimate, Z, certain

__all__ = ["Posterior", "boender_rinnooy_kan", "chao1", "good_turing", "hill"]


class Posterior(NamedTuple):
    """Posterior means: the number of optima, and the share of starts that end in unseen ones."""

    optima: float
    unseen: float


def hill(counts: ArrayLike, order: float) -> float:
    """Effective number of optima: how many of equal share would be as diverse; NaN without starts.

    (Σ pᵢ^q)^(1/(1−q)) with the shares p: order 0 counts the optima seen, order 1 is the exponential
    of the entropy of their shares, order 2 one over the probability that two starts meet.
    `counts` may be exact probabilities. Source: Hill, Diversity and evenness (1973), eq. 5.

    >>> hill([5, 5, 0], 0), hill([5, 5], 2), round(hill([8, 1, 1], 1), 3)
    (2.0, 2.0, 1.895)
    """
    seen = np.asarray(counts, dtype=np.float64)
    seen = seen[seen > 0]
    if not seen.size:
        return math.nan
    shares = seen / seen.sum()
    if order == 1:
        return math.exp(-math.fsum(shares * np.log(shares)))
    return float(math.fsum(shares**order) ** (1 / (1 - order)))


def good_turing(counts: ArrayLike) -> Estimate:
    """Probability that a new start ends in an unseen optimum: f₁/N; NaN without starts.

    The interval holds the U with (f₁ − NU)² ≤ z²(NU(1−U) + 2f₂), the squared error against its
    variance; its low end takes f₁/N for U in that variance, so that few singletons leave room for
    nothing unseen. It covers at least 93 % from 100 starts on. Sources: Good, The population
    frequencies of species (1953), eq. 9; the variance from Esty, A normal limit law for a
    nonparametric estimator of the coverage (1983).

    >>> [round(x, 4) for x in good_turing([90, 9, 1])], good_turing([50, 50]).value
    ([0.01, 0.0, 0.0545], 0.0)
    """
    seen, f1, f2 = _rare(counts)
    N, z2 = int(seen.sum()), Z * Z
    if N == 0:
        return certain(math.nan)
    low = f1 / N - Z * math.sqrt(f1 * (1 - f1 / N) + 2 * f2) / N
    b = 2 * f1 + z2
    high = (b + math.sqrt(b * b - 4 * (N + z2) * (f1 * f1 - 2 * z2 * f2) / N)) / (2 * (N + z2))
    low = min(low, N / (N + z2))  # as far as it can be sure where no optimum was seen twice
    return Estimate(f1 / N, max(low, 0.0), min(high, 1.0) if f1 < N else 1.0)


def chao1(counts: ArrayLike) -> Estimate:
    """Optima there are at least, seen and unseen; NaN without starts.

    w + (N−1)/N · f₁(f₁−1)/(2(f₂+1)), a lower bound that is sharp where the unseen optima are as
    likely as those seen once or twice. The interval is log-normal in the number unseen, rounded
    outward to whole optima. Its low end may be trusted; its high end is one only for optima that
    are about alike: of many rare ones any number may be unseen.
    Sources: Chao, Nonparametric estimation of the number of classes (1984), bias-corrected as in
    her Species richness estimation (2005); interval: Chao, Estimating the population size for
    capture-recapture data (1987), p. 787; variance of the bias-corrected form, and the interval
    where none is estimated unseen: Colwell, EstimateS 9.1 user's guide (2013), appendix B, eq. 6,
    7 and 14.

    >>> [round(x, 1) for x in chao1([40, 20, 2, 2, 1, 1, 1])]
    [8.0, 7.0, 18.0]
    """
    seen, f1, f2 = _rare(counts)
    w, N = seen.size, int(seen.sum())
    if N == 0:
        return certain(math.nan)
    A = (N - 1) / N
    unseen = A * f1 * (f1 - 1) / (2 * (f2 + 1))
    if unseen == 0:
        return Estimate(float(w), *_outward(w, *_all_seen(seen)))
    m = f2 + 1
    variance = A * f1 * (f1 - 1) / (2 * m) + (A * f1 * (2 * f1 - 1)) ** 2 / f1 / (4 * m * m)
    if f2:
        variance += (A * f1 * (f1 - 1)) ** 2 * f2 / (4 * m**4)
    else:
        variance -= A * A * f1**4 / (4 * (w + unseen))
    spread = math.exp(Z * math.sqrt(math.log1p(variance / unseen**2)))
    return Estimate(w + unseen, *_outward(w, w + unseen / spread, w + unseen * spread))


def _all_seen(seen: NDArray[np.int64]) -> tuple[float, float]:
    """Bounds of the number of optima where Chao1 estimates none unseen."""
    w, N = seen.size, int(seen.sum())
    missed = np.exp(-seen.astype(np.float64))
    P = missed.sum() / w
    variance = (missed - missed**2).sum() - (seen * missed).sum() ** 2 / N
    half = Z * math.sqrt(max(variance, 0.0)) / (1 - P)
    return w / (1 - P) - half, w / (1 - P) + half


def _outward(w: int, low: float, high: float) -> tuple[float, float]:
    """Bounds as whole optima, the w seen among them."""
    return float(max(w, math.floor(low))), float(math.ceil(high))


def boender_rinnooy_kan(w: int, N: int) -> Posterior:
    """Posterior means after N starts that ended in w optima; NaN unless N > w + 2.

    Optima w(N−1)/(N−w−2), unseen share w(w+1)/(N(N−1)). Assumed: the starts are independent and
    fall in basin i with probability θᵢ; every number of optima is equally likely beforehand; given
    the number, all θ on the simplex are. Basins of k-means are seldom so even: many small ones
    make both too low. Source: Boender & Rinnooy Kan, Bayesian stopping rules for multistart global
    optimization methods (1987), section 2.

    >>> boender_rinnooy_kan(3, 16)
    Posterior(optima=4.090909090909091, unseen=0.05)
    """
    if not w + 2 < N:
        return Posterior(math.nan, math.nan)
    return Posterior(w * (N - 1) / (N - w - 2), w * (w + 1) / (N * (N - 1)))


def _rare(counts: ArrayLike) -> tuple[NDArray[np.int64], int, int]:
    """Counts of the optima seen, and how many were once and twice."""
    given = np.asarray(counts, dtype=np.int64)
    seen = given[given > 0]
    return seen, int((seen == 1).sum()), int((seen == 2).sum())
