"""What a step does with a piece of the points, where the data stand by row and no copy is made."""

import numpy as np
from numba import types

from ._jit import kernel, readonly
from .distance import F1, F2
from .exact import ROOM, scaled
from .groups import UNASSIGNED
from .memory import mixed, scrambled
from .step import copy, take_mean
from .targets import squares
from .widths import distance

R1, RU = readonly(types.int64, 1), readonly(types.uint16, 1)
I1, I2 = types.int64[::1], types.int64[:, ::1]
W2 = types.uint64[:, ::1]
G1 = types.float64[::1]


@kernel(types.float64(I2, I1, R1, F1, types.float64[:, ::1]))
def move_centers(sums, counts, exponents, units, centers):
    """Move each center (k, d) to the mean of its members [modified]; gives the squared shift."""
    d = centers.shape[1]
    total, mean, room, digits = 0.0, np.empty(d), np.empty(ROOM), np.empty_like(sums[0])
    for c in range(counts.size):
        if counts[c] > 0:
            for j in range(digits.size):
                digits[j % d * (digits.size // d) + j // d] = sums[c, j]
            take_mean(digits, counts[c], exponents, units, mean, room)
            center = centers[c]
            for j in range(center.size):
                total += (mean[j] - center[j]) * (mean[j] - center[j])
            copy(mean, center)
    return total


@kernel(types.void(RU, types.int64, W2))
def add_words(labels, first, sums):
    """Add the random words of the rows from `first` on to those of their clusters (k, 2)."""
    for i in range(labels.size):
        odd = np.uint64(first + i) * np.uint64(2) + np.uint64(1)
        sums[labels[i], 0] += scrambled(odd)
        sums[labels[i], 1] += scrambled(odd + np.uint64(1))


@kernel(types.UniTuple(types.uint64, 2)(W2))
def key_of_words(sums):
    """The key of the partition whose clusters have these sums (k, 2): memory.partition_key."""
    first, second = np.uint64(0), np.uint64(0)
    for c in range(sums.shape[0]):
        first, second = mixed(first, second, sums[c, 0], sums[c, 1])
    return first, second


@kernel(types.void(F2, F1, types.int64, F2, types.float64, RU, RU, I2))
def carry_distances(X, middle, exponent, aims, unit, before, after, sums):
    """Take the distances of points that moved from one cluster's sums to another's.

    X: (m, d). middle, exponent: what makes of them points of targets.normal. aims: (d, T), the
    targets. before, after: (m,) labels. sums: (k, T), in units [modified].
    """
    point, line = np.empty(X.shape[1]), np.empty(aims.shape[1])
    for i in range(after.size):
        if before[i] == after[i]:
            continue
        for j in range(point.size):
            point[j] = scaled(X[i, j] - middle[j], -exponent)
        squares(aims, 0, line.size, point, line)
        goal = sums[after[i]]
        for t in range(line.size):
            goal[t] += np.int64(np.sqrt(line[t]) * unit)
        if before[i] != UNASSIGNED:
            source = sums[before[i]]
            for t in range(line.size):
                source[t] -= np.int64(np.sqrt(line[t]) * unit)


@kernel(types.void(F2, F1, G1))
def distances_from(X, target, out):
    """Distance of each row of `X` (m, d) from a target (d,), however small; out (m,) [modified]."""
    pair = np.empty((target.size, 2))
    for j in range(target.size):
        pair[j, 0] = target[j]
    for i in range(out.size):
        for j in range(target.size):
            pair[j, 1] = X[i, j]
        out[i] = distance(pair, 0, 1)
