"""What a step does with a piece of the points, where the data stand by row and no copy is made."""

import numpy as np
from numba import types

from ._jit import kernel, lean, readonly
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


@lean
def add_split(x, exponents, sign, limb, total):
    """Add the digits of one limb, see digits.py, of a point (d,) to `total` (d,), in vector lanes.

    x[j] is a multiple of 2**exponents[j]. What would stand in lower limbs is shifted out, and what
    would in higher ones is masked out. By branches, a value at a time: 5 ns a value, not 1.2.
    """
    bits = x.view(np.int64)
    for j in range(total.size):
        field = (bits[j] >> 52) & 0x7FF
        fraction = (bits[j] & 0xFFFFFFFFFFFFF) | (min(field, 1) << 52)
        shift = max(field, 1) - 1075 - exponents[j] - 32 * limb
        up, down = fraction << min(max(shift, 0), 32), fraction >> min(max(-shift, 0), 63)
        digit = (up if shift > 0 else down) & 0xFFFFFFFF
        total[j] += sign * digit if bits[j] >= 0 else -sign * digit


@lean
def add_digits(x, exponents, sign, total):
    """Add the digits of a point (d,) to a cluster's (L * d,), or take them away."""
    d = x.size
    if total.size == d:
        for j in range(d):
            total[j] += sign * np.int64(scaled(x[j], -exponents[j]))
    else:
        for limb in range(total.size // d):
            add_split(x, exponents, sign, limb, total[limb * d : (limb + 1) * d])


@kernel(types.void(F2, R1, types.int64, types.int64, I1, I2))
def carry_point(X, exponents, before, after, counts, sums):
    """Let the point of one row leave a cluster and join another.

    X: (1, d). counts: (k,), sums: (k, L * d) [modified].
    """
    carry(X[0], exponents, before, after, counts, sums)


@lean
def carry(x, exponents, before, after, counts, sums):
    """Let a point (d,) leave a cluster, if it is in one, and join another."""
    if before != UNASSIGNED:
        counts[before] -= 1
        add_digits(x, exponents, -1, sums[before])
    counts[after] += 1
    add_digits(x, exponents, 1, sums[after])


@kernel(types.void(F2, R1, RU, RU, I1, I2))
def follow_piece(X, exponents, labels, nearest, counts, sums):
    """What it changes in the clusters that points have other nearest centers than labels.

    X: (m, d). labels, nearest: (m,). counts: (k,), sums: (k, L * d), to which the change is added
    [modified].
    """
    for i in range(labels.size):
        if nearest[i] != labels[i]:
            carry(X[i], exponents, labels[i], nearest[i], counts, sums)


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
