"""Points on a line: the best of all their partitions, by dynamic programming.

The clusters of an optimum are intervals of the sorted points, so the best k intervals of the first
i points are the best k - 1 of the first j < i and one more; the least such j never falls as i
rises, so a layer takes O(n log n) looks. Costs are sums of squares from prefix sums that are whole
numbers, exact, and kept in two float64 each: no cost is off by more than its last places and 2**-95
of the cost of all points, whatever the offset of the data.
Sources: Wang and Song, Ckmeans.1d.dp: optimal k-means clustering in one dimension by dynamic
programming (2011); Grønlund et al., Fast exact k-means, k-medians and Bregman divergence clustering
in 1D (2017), section 2; Dekker, A floating-point technique for extending the available precision
(1971), for sums and products in two parts.
"""

from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Parts = tuple[Floats, Floats]  # a number is their sum

LOOKS = 2e7  # k n log2(n) up to which an optimum is computed: some seconds
LEAST = 2.0**-56  # of the inertia of one cluster: a lower inertia is not told apart from another


class Sums(NamedTuple):
    """Sums over the first i of m distinct values, each with the number of its points."""

    counts: Floats  # (m + 1,)
    values: Parts  # (m + 1,) each, of the values less their mean
    squares: Parts  # (m + 1,) each


def provable(X: Floats, k: int) -> bool:
    """Whether the optimum of `X` (n, d) in k clusters is computed.

    >>> provable(np.zeros((1000, 1)), 10), provable(np.zeros((1000, 2)), 10)
    (True, False)
    """
    n, d = X.shape
    return d == 1 and bool(k * n * np.log2(n + 1) <= LOOKS)


def told_apart(x: Floats, inertia: float) -> bool:
    """Whether an inertia of `x` (n,) is so large that the costs can prove it lowest, to 1e-12."""
    return inertia == 0 or bool(inertia >= LEAST * ((x - x.mean()) ** 2).sum())


def best_intervals(x: Floats, k: int) -> NDArray[np.uint16]:
    """Labels (n,) of the k intervals of `x` (n,) of lowest inertia, of at least k distinct values.

    Equal values share a label, and labels rise with them.
    """
    values, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    sums = _sums(values, counts)
    every = np.arange(len(values) + 1)
    before = np.concatenate([[np.inf], cost(sums, np.zeros_like(every[1:]), every[1:])])
    choices = []
    for _ in range(1, k):
        before, chosen = _layer(sums, before)
        choices.append(chosen)
    cuts = [len(values)]
    for chosen in reversed(choices):
        cuts.append(int(chosen[cuts[-1]]))
    labels = np.searchsorted(cuts[:0:-1], every[:-1], side="right")
    return labels[place].astype(np.uint16)


def _layer(sums: Sums, before: Floats) -> tuple[Floats, Ints]:
    """Least inertia of the first i values with one interval more, and where that one begins.

    before: (m + 1,), with one less. Every second i, then every second of those between, and so on:
    each is looked for between the choices of its neighbors.
    """
    m = len(before) - 1
    step = 1 << m.bit_length()
    best, chosen = np.full(m + 1, np.inf), np.full(m + 1 + step, m)
    chosen[0] = 0
    while step := step // 2:
        i = np.arange(step, m + 1, 2 * step)
        low, high = chosen[i - step], np.minimum(chosen[i + step], i - 1)
        widths = high - low + 1
        starts = np.cumsum(widths) - widths
        j = np.arange(widths.sum()) + np.repeat(low - starts, widths)
        total = before[j] + cost(sums, j, np.repeat(i, widths))
        best[i] = np.minimum.reduceat(total, starts)
        lowest = np.flatnonzero(total == np.repeat(best[i], widths))
        chosen[i] = j[lowest[np.searchsorted(lowest, starts)]]
    return best, chosen[: m + 1]


def cost(sums: Sums, j: Ints, i: Ints) -> Floats:
    """Sum of squared distances to their mean of the values from the j-th up to before the i-th."""
    counts = sums.counts[i] - sums.counts[j]
    (s, s_low), (t, t_low) = _between(sums.values, j, i), _between(sums.squares, j, i)
    square, square_low = _product(s, s)
    share = square / counts
    back, back_low = _product(share, counts)
    share_low = ((square - back) - back_low + square_low + 2 * s * s_low) / counts
    return np.maximum((t - share) + (t_low - share_low), 0.0)


def _between(parts: Parts, j: Ints, i: Ints) -> Parts:
    """What prefix sums grow by from j to i."""
    (a, low), (b, b_low) = (tuple(part[place] for part in parts) for place in (i, j))
    total = a - b
    back = total - a
    rest = (a - (total - back)) - (b + back) + (low - b_low)
    high = total + rest
    return high, rest - (high - total)


def _product(a: Floats, b: Floats) -> Parts:
    """A product rounded, and what that lost."""
    (a1, a2), (b1, b2) = _halves(a), _halves(b)
    product = a * b
    return product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2


def _halves(a: Floats) -> Parts:
    """The upper and the lower half of the digits of each number."""
    shifted = a * 134217729.0  # 2**27 + 1
    high = shifted - (shifted - a)
    return high, a - high


def _sums(values: Floats, counts: Ints) -> Sums:
    times, whole = counts.tolist(), _whole(values)
    mean = sum(w * t for w, t in zip(whole, times, strict=True)) // sum(times)
    whole = [w - mean for w in whole]
    unit = 1 << max(1, *(abs(w).bit_length() for w in whole))
    values_sum = accumulate((w * t for w, t in zip(whole, times, strict=True)), initial=0)
    squares_sum = accumulate((w * w * t for w, t in zip(whole, times, strict=True)), initial=0)
    return Sums(
        np.concatenate([[0.0], np.cumsum(counts)]),
        _in_two([*values_sum], unit),
        _in_two([*squares_sum], unit * unit),
    )


def _whole(values: Floats) -> list[int]:
    """The values as whole multiples of one power of two."""
    fractions, powers = np.frexp(values)
    digits = np.ldexp(fractions, 53).astype(np.int64).tolist()
    return [d << p for d, p in zip(digits, (powers - powers.min()).tolist(), strict=True)]


def _in_two(numbers: list[int], unit: int) -> Parts:
    """Whole numbers, as so many `unit`s, in two parts each."""
    highs = [number / unit for number in numbers]
    ratios = [high.as_integer_ratio() for high in highs]
    lows = [
        (number * q - p * unit) / (q * unit) for number, (p, q) in zip(numbers, ratios, strict=True)
    ]
    return np.array(highs), np.array(lows)
