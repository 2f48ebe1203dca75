"""From mean distances to silhouettes and their mean; in floating point where units are too coarse.

Rousseeuw, Silhouettes: a graphical aid (1987), eq. 1: s = (b - a) / max(a, b), with a the mean
distance to the other members of the own cluster, b the smallest mean distance to another cluster;
0 for a point alone in its cluster.
"""

import numpy as np

from ._jit import inlined, inner
from .exact import ROOM, exact_sum
from .groups import grouped


@inlined
def widths(XT, aim, room, labels, counts, first):
    """Silhouettes of the targets from `first` on, from mean distances; their exact sums.

    A mean is a whole number of units times the reciprocal of the number of members, both rounded to
    float64, so a width is the same whatever was summed before.
    Gives the sum of the widths and of their squares, in units of 1 / finest(m).
    """
    count = min(room.own.size, aim.rows.size - first)
    a, b, s = room.own[:count], room.rival[:count], room.line[:count]
    coarse, low = 0, aim.coarse
    for i in range(s.size):
        longer = max(a[i], b[i])
        s[i] = (b[i] - a[i]) / longer
        coarse |= longer < low
    if coarse:
        refine(XT, aim, room, labels, counts, first, s)
    alone = 0
    for c in range(counts.size):
        alone += counts[c] == 1
    if alone:
        for i in range(s.size):
            if counts[labels[aim.rows[first + i]]] == 1:
                s[i] = 0.0
    return added(s, finest(aim.rows.size))


@inner
def added(s, unit):
    """Sums of `s` (m,) and of their squares, in units, so in any order."""
    total, squares = np.int64(0), np.int64(0)
    for i in range(s.size):
        total += np.int64(s[i] * unit)
        squares += np.int64(s[i] * s[i] * unit)
    return total, squares


@inner
def finest(m):
    """A power of two of which m are below 2**62."""
    unit = 2.0**61
    while m > 0:
        unit *= 0.5
        m >>= 1
    return unit


@inner
def refine(XT, aim, room, labels, counts, first, s):
    """Compute anew, by exact sums of floating-point distances, what the units are too coarse for.

    It takes some 5 ns a pair, and is wanted where a cluster is thousands of times smaller than the
    data.
    """
    starts, order = np.empty(counts.size + 1, np.int64), np.empty(labels.size, np.int64)
    grouped(labels, counts, starts, order)
    away, scratch = np.empty(labels.size), np.empty(ROOM)
    for i in range(s.size):
        if max(room.own[i], room.rival[i]) < aim.coarse:
            row, a, b = aim.rows[first + i], 0.0, np.inf
            for place in range(order.size):
                away[place] = distance(XT, row, order[place])
            for c in range(counts.size):
                if counts[c] > 0:
                    total = exact_sum(away[starts[c] : starts[c + 1]], scratch)
                    if labels[row] == c:
                        a = total / max(counts[c] - 1, 1)
                    else:
                        b = min(b, total / counts[c])
            s[i] = 0.0 if max(a, b) == 0.0 else (b - a) / max(a, b)


@inner
def distance(XT, i, j):
    """Distance of points i and j of `XT` (d, n), however small or large."""
    longest = 0.0
    for f in range(XT.shape[0]):
        longest = max(longest, abs(XT[f, i] - XT[f, j]))
    if longest == 0.0:
        return 0.0
    total = 0.0
    for f in range(XT.shape[0]):
        part = (XT[f, i] - XT[f, j]) / longest
        total += part * part
    return longest * np.sqrt(total)


@inlined
def average(aim, total, squares):
    """Mean of the silhouettes and, where they are a sample, its standard error; NaN is null."""
    m, n = aim.rows.size, aim.points.shape[1]
    unit = finest(m)
    mean = np.float64(total) / unit / m
    if not aim.estimated:
        return mean, np.nan
    spread = max(np.float64(squares) / unit / m - mean * mean, 0.0) * m / max(m - 1, 1)
    # The finite-population correction: a sample that is everything has no error.
    return mean, np.sqrt(spread / m * (1.0 - m / n))
