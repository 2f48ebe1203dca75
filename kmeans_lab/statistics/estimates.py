"""A number with its 95 % interval: the share of successes, and the product of two estimates."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["SELDOM", "Estimate", "Z", "certain", "opened", "product", "share", "wilson"]

Z = 1.959963984540054  # the standard normal exceeds it with probability 0.025
SELDOM = 10  # times that the best of some starts has to be seen for them to tell how likely it is


class Estimate(NamedTuple):
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float


def certain(value: float) -> Estimate:
    """A number without doubt."""
    return Estimate(value, value, value)


def wilson(successes: int, starts: int) -> Estimate:
    """Share of successes and its Wilson 95 % score interval; NaN without starts.

    It covers 95 % on average, and 93 to 97 % where 8 successes and 8 failures are expected.
    Source: Wilson, Probable inference, the law of succession, and statistical inference (1927).

    >>> [round(x, 4) for x in wilson(0, 10)]
    [0.0, 0.0, 0.2775]
    """
    if starts == 0:
        return certain(math.nan)
    share, z2 = successes / starts, Z * Z
    center = (successes + z2 / 2) / (starts + z2)
    half = Z / (starts + z2) * math.sqrt(share * (starts - successes) + z2 / 4)
    # At the ends the bound is the share itself, which rounding must not miss.
    low = 0.0 if successes == 0 else center - half
    high = 1.0 if successes == starts else center + half
    return Estimate(share, low, high)


def share(successes: int, outcome: NDArray[np.bool_]) -> Estimate:
    """Share of the starts that succeed, and its Wilson interval; NaN where none has an outcome.

    outcome: (N,), whether each start has one; a start without is a failure.
    """
    return wilson(successes, outcome.size) if outcome.any() else certain(math.nan)


def opened(estimate: Estimate) -> Estimate:
    """A share of which only the high end is known.

    The best of any starts is seen at least once among them, however unlikely it is; so where it was
    seen fewer than SELDOM times they do not tell that it is not much less likely.
    """
    return estimate._replace(low=0.0 * estimate.low)  # NaN stays NaN


def product(a: Estimate, b: Estimate, correlation: float = 0.0) -> Estimate:
    """Product of two positive estimates, each bound from the distances of theirs on a log scale.

    Where the product is 0 or infinite, each bound is the product of theirs. Source: Zou & Donner,
    Construction of confidence limits about effect measures: a general approach (2008), eq. 8,
    applied to the logarithms.

    >>> product(Estimate(2.0, 1.0, 8.0), Estimate(3.0, 3.0, 3.0))
    Estimate(value=6.0, low=3.0, high=24.0)
    """
    value = a.value * b.value
    if not 0 < value < math.inf:
        return Estimate(value, a.low * b.low, a.high * b.high)
    below = _together(_log(a.value, a.low), _log(b.value, b.low), correlation)
    above = _together(_log(a.high, a.value), _log(b.high, b.value), correlation)
    return Estimate(value, value * math.exp(-below), value * math.exp(above))


def _log(larger: float, smaller: float) -> float:
    return math.log(larger / smaller) if smaller > 0 else math.inf


def _together(x: float, y: float, correlation: float) -> float:
    if math.isinf(x) or math.isinf(y):
        return math.inf
    return math.sqrt(max(x * x + y * y + 2 * correlation * x * y, 0.0))
