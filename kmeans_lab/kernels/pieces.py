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
def add_split(bits, exponent, sign, digits):
    """Add the digits (L,), see digits.py, of a float64 of these bits, a multiple of 2**exponent."""
    if bits << 1 == 0:
        return
    field = max((bits >> 52) & 0x7FF, 1)
    fraction = bits & 0xFFFFFFFFFFFFF
    if (bits >> 52) & 0x7FF > 0:
        fraction |= 0x10000000000000
    shift = field - 1075 - exponent
    if shift < 0:  # by zeros
        fraction >>= -shift
        shift = 0
    limb, within = shift >> 5, shift & 31
    low = (fraction & 0xFFFFFFFF) << within
    high = ((fraction >> 32) << within) + (low >> 32)
    sign = -sign if bits < 0 else sign
    digits[limb] += sign * (low & 0xFFFFFFFF)
    if limb + 1 < digits.size:
        digits[limb + 1] += sign * (high & 0xFFFFFFFF)
    if limb + 2 < digits.size:
        digits[limb + 2] += sign * (high >> 32)


@lean
def add_digits(x, exponents, sign, total):
    """Add the digits of a point (d,) to a cluster's (d * L,), or take them away."""
    limbs, bits = total.size // x.size, x.view(np.int64)
    for j in range(x.size):
        if limbs == 1:
            total[j] += sign * np.int64(scaled(x[j], -exponents[j]))
        else:
            add_split(bits[j], exponents[j], sign, total[j * limbs : (j + 1) * limbs])


@kernel(types.void(F2, R1, types.int64, types.int64, I1, I2))
def carry_point(X, exponents, before, after, counts, sums):
    """Let the point of one row leave a cluster and join another.

    X: (1, d). counts: (k,), sums: (k, d * L) [modified].
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

    X: (m, d). labels, nearest: (m,). counts: (k,), sums: (k, d * L), to which the change is added
    [modified].
    """
    for i in range(labels.size):
        if nearest[i] != labels[i]:
            carry(X[i], exponents, labels[i], nearest[i], counts, sums)


@kernel(types.float64(I2, I1, R1, F1, types.float64[:, ::1]))
def move_centers(sums, counts, exponents, units, centers):
    """Move each center (k, d) to the mean of its members [modified]; gives the squared shift."""
    total, mean, room = 0.0, np.empty(centers.shape[1]), np.empty(ROOM)
    for c in range(counts.size):
        if counts[c] > 0:
            take_mean(sums[c], counts[c], exponents, units, mean, room)
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
