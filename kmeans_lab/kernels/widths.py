"""From mean distances to silhouettes and their mean; in floating point where units are too coarse.

Rousseeuw, Silhouettes: a graphical aid (1987), eq. 1: s = (b - a) / max(a, b), with a the mean
distance to the other members of the own cluster, b the smallest mean distance to another cluster;
0 for a point alone in its cluster.
"""

import numpy as np

from ._jit import inner
from .exact import exact_sum


@inner
def widths(XT, aim, labels, counts, own, rival, out):
    """Silhouettes of the targets from mean distances `own` and `rival` (m,), in units; out (m,).

    A mean is a sum of integers divided once, so a width is the same whatever was summed before.
    """
    a, b, s = own[: out.size], rival[: out.size], out[: out.size]
    coarse, low = 0, aim.coarse
    for i in range(s.size):
        longer = max(a[i], b[i])
        s[i] = (b[i] - a[i]) / longer
        coarse |= longer < low
    if coarse:
        refine(XT, aim, labels, counts, own, rival, out)
    alone = 0
    for c in range(counts.size):
        alone += counts[c] == 1
    if alone:
        for i in range(s.size):
            if counts[labels[aim.rows[i]]] == 1:
                s[i] = 0.0


@inner
def refine(XT, aim, labels, counts, own, rival, out):
    """Compute anew, by exact sums of floating-point distances, what the units are too coarse for.

    It takes some 5 ns a pair, and is wanted where a cluster is thousands of times smaller than the
    data.
    """
    starts, order = grouped(labels, counts)
    line = np.empty(labels.size)
    for i in range(out.size):
        if max(own[i], rival[i]) < aim.coarse:
            row, a, b = aim.rows[i], 0.0, np.inf
            for place in range(order.size):
                line[place] = distance(XT, row, order[place])
            for c in range(counts.size):
                if counts[c] > 0:
                    total = exact_sum(line[starts[c] : starts[c + 1]])
                    if labels[row] == c:
                        a = total / max(counts[c] - 1, 1)
                    else:
                        b = min(b, total / counts[c])
            out[i] = 0.0 if max(a, b) == 0.0 else (b - a) / max(a, b)


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


@inner
def grouped(labels, counts):
    """Points by their cluster: where each begins (k + 1,), and the points (n,), in order."""
    starts = np.zeros(counts.size + 1, np.int64)
    free = np.empty(counts.size, np.int64)
    for c in range(counts.size):
        free[c] = starts[c]
        starts[c + 1] = starts[c] + counts[c]
    order = np.empty(labels.size, np.int64)
    for i in range(labels.size):
        order[free[labels[i]]] = i
        free[labels[i]] += 1
    return starts, order


@inner
def average(aim, s):
    """Mean of silhouettes `s` (m,) and, where they are a sample, its standard error; NaN is null.

    Summed as integers, so in any order; a sum of m widths, or of their squares, is below 2**62.
    """
    m, n = s.size, aim.points.shape[1]
    fine = 2.0**60
    size = 1
    while size < m:
        size *= 2
        fine *= 0.5
    total, squares = np.int64(0), np.int64(0)
    for i in range(m):
        total += np.int64(s[i] * fine)
    mean = np.float64(total) / fine / m
    if not aim.estimated:
        return mean, np.nan
    for i in range(m):
        squares += np.int64(s[i] * s[i] * fine)
    spread = max(np.float64(squares) / fine / m - mean * mean, 0.0) * m / max(m - 1, 1)
    # The finite-population correction: a sample that is everything has no error.
    return mean, np.sqrt(spread / m * (1.0 - m / n))
