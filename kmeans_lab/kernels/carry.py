"""Points that join and leave clusters, whose exact sums follow: digits that float64 adds up.

Points on a grid (see digits.py) are split into signed digits of up to 2**32, as many of which as a
piece has points, 2**16, float64 adds up without rounding. Of integers, which vector units shift
less well, a point of 16 features took 54 ns, not 6.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ._jit import inner, kernel, lean, readonly
from ._vectors import SIDE, arrays_in, integer, spread, vector
from .distance import F2
from .exact import scaled
from .groups import UNASSIGNED
from .step import copy

DOUBLES = ir.VectorType(ir.DoubleType(), SIDE)
R1, I1, I2 = readonly(types.int64, 1), types.int64[::1], types.int64[:, ::1]


def _add_eights(typing, x, edge, sign, low, high):
    """Add the last two digits of a point (d,) to `low` and `high` (d,), eight features at a time.

    In a loop of Numba's, which asks each time whether these four overlap, it takes twice as long.
    """
    kinds = (x, edge, sign, low, high)

    def generate(context, b, signature, args):
        arrays = arrays_in(context, b, kinds, args)
        (d,) = cgutils.unpack_tuple(b, arrays[0].shape)
        factor = spread(b, args[2], DOUBLES)
        with cgutils.for_range(b, b.sdiv(d, integer(SIDE))) as eight:
            first = b.mul(eight.index, integer(SIDE))
            places = [vector(b, array.data, DOUBLES, first) for array in arrays]
            value, shift = (b.load(place, align=8) for place in places[:2])
            upper = b.fsub(b.fadd(value, shift), shift)
            for place, digit in zip(places[2:], (b.fsub(value, upper), upper), strict=True):
                b.store(b.fadd(b.load(place, align=8), b.fmul(digit, factor)), place, align=8)
        return context.get_dummy_value()

    return types.void(*kinds), generate


add_eights: Any = intrinsic(_add_eights)


@inner
def edges_of(exponents, limbs):
    """What splits points whose columns are multiples of 2**exponents (d,): (limbs - 1, d).

    Added to 1.5 * 2**52 units and taken from it again, a number is rounded to a multiple of the
    unit, here 2**(exponents + 32 limb), from limb 1 on; what is left of it is exact.
    """
    edges = np.empty((limbs - 1, exponents.size))
    for limb in range(1, limbs):
        for j in range(exponents.size):
            # At the end of the scale the unit is above all data: the digit is 0 wherever it is.
            edges[limb - 1, j] = scaled(1.5, min(exponents[j] + 32 * limb + 52, 1023))
    return edges


@lean
def peel(rest, edge, sign, total):
    """Add the highest digits of what is left of a point (d,) to `total` (d,)."""
    for j in range(rest.size):
        high = (rest[j] + edge[j]) - edge[j]
        rest[j] -= high
        total[j] += sign * high


@lean
def add_last(x, edge, sign, low, high):
    """Add the last two digits of a point (d,)."""
    add_eights(x, edge, sign, low, high)
    for j in range(x.size - x.size % SIDE, x.size):
        upper = (x[j] + edge[j]) - edge[j]
        low[j] += sign * (x[j] - upper)
        high[j] += sign * upper


@lean
def add_digits(x, edges, sign, room, total):
    """Add the digits of a point (d,) to a cluster's (L * d,), or take them away; room: (d,)."""
    d, lowest = x.size, edges[0]
    if edges.shape[0] == 1:
        add_last(x, lowest, sign, total[:d], total[d:])
    else:
        copy(x, room)
        for limb in range(edges.shape[0], 1, -1):
            peel(room, edges[limb - 1], sign, total[limb * d : (limb + 1) * d])
        add_last(room, lowest, sign, total[:d], total[d : 2 * d])


@lean
def carry(x, edges, before, after, room, counts, totals):
    """Let a point (d,) leave a cluster, if it is in one, and join another.

    counts: (k,), totals: (k, L * d), digits of up to 2**16 points [modified]. room: (d,).
    """
    if before != UNASSIGNED:
        counts[before] -= 1
        add_digits(x, edges, -1.0, room, totals[before])
    counts[after] += 1
    add_digits(x, edges, 1.0, room, totals[after])


@inner
def add_totals(totals, exponents, sums):
    """Add the digits of clusters to `sums` (k, L * d) of integers, one limb of all after the other.

    Where a sum has one limb of more than 53 bits, `totals` has two.
    """
    d, single = exponents.size, totals.size > sums.size
    for c in range(sums.shape[0]):
        for place in range(totals.shape[1]):
            j, limb = place % d, place // d
            units = np.int64(scaled(totals[c, place], -exponents[j] - 32 * limb))
            if single:
                sums[c, j] += units << (32 * limb)
            else:
                sums[c, place] += units


@kernel(types.void(F2, R1, types.int64, types.int64, I1, I2))
def carry_point(X, exponents, before, after, counts, sums):
    """Let the point of one row leave a cluster and join another.

    X: (1, d). counts: (k,), sums: (k, L * d) [modified].
    """
    d, limbs = exponents.size, max(2, sums.shape[1] // exponents.size)
    totals = np.zeros((counts.size, limbs * d))
    carry(X[0], edges_of(exponents, limbs), before, after, np.empty(d), counts, totals)
    add_totals(totals, exponents, sums)
