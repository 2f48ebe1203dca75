"""Points that stand by row, turned into a tile, where a feature of all of them stands together.

Numba fetches the features of a tile's points one by one. To read eight of a point's at once, and
turn squares of eight by eight in registers, takes two fifths: 6 ns a point of 16, not 15.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ._jit import lean
from ._vectors import SIDE, arrays_in, at, integer, multiply_add, spread, vector
from .tiles import TILE

AHEAD = 64  # features of a row that are asked for; the processor goes on by itself
FLOATS, DOUBLES = (ir.VectorType(kind, SIDE) for kind in (ir.FloatType(), ir.DoubleType()))
CHOICE = ir.VectorType(ir.IntType(32), SIDE)


def _turn_rows(typing, rows, places, tile):
    """Turn whole squares of float32 rows (m * d,), which begin at places (TILE,)."""
    kinds = (rows, places, tile)

    def generate(context, b, signature, args):
        arrays = arrays_in(context, b, kinds, args)
        d, _ = cgutils.unpack_tuple(b, arrays[-1].shape)
        source, starts, out = (array.data for array in arrays)
        for first in range(0, TILE, SIDE):
            with cgutils.for_range(b, b.sdiv(d, integer(SIDE))) as square:
                feature = b.mul(square.index, integer(SIDE))
                pointers = _pointers(b, source, starts, first, feature, FLOATS)
                _store(b, out, first, feature, [b.load(p, align=4) for p in pointers])
        return context.get_dummy_value()

    return types.void(*kinds), generate


def _bring_rows(typing, rows, places, mean, scale, tile, norms):
    """Move, scale, round and turn whole squares of float64 rows; norms: squared, of what is turned.

    rows: (m * d,). places: (TILE,), where points begin. mean: (d,). norms: (TILE,) [modified].
    """
    kinds = (rows, places, mean, scale, tile, norms)

    def generate(context, b, signature, args):
        arrays = arrays_in(context, b, kinds, args)
        d, _ = cgutils.unpack_tuple(b, arrays[-2].shape)
        source, starts, middle, out, sums = (array.data for array in arrays)
        factor, total = spread(b, args[3], DOUBLES), cgutils.alloca_once(b, FLOATS)
        for first in range(0, TILE, SIDE):
            b.store(ir.Constant(FLOATS, [0.0] * SIDE), total)
            with cgutils.for_range(b, b.sdiv(d, integer(SIDE))) as square:
                feature = b.mul(square.index, integer(SIDE))
                means = b.load(vector(b, middle, DOUBLES, feature), align=8)
                brought = [
                    b.fptrunc(b.fmul(b.fsub(b.load(p, align=8), means), factor), FLOATS)
                    for p in _pointers(b, source, starts, first, feature, DOUBLES)
                ]
                for column in _store(b, out, first, feature, brought):
                    b.store(multiply_add(b, column, column, b.load(total)), total)
            b.store(b.load(total), vector(b, sums, FLOATS, integer(first)), align=4)
        return context.get_dummy_value()

    return types.void(*kinds), generate


def _pointers(b, source, starts, first, feature, kind):
    """Where a square's rows are."""
    places = [b.load(at(b, starts, integer(first), i)) for i in range(SIDE)]
    return [vector(b, source, kind, b.add(place, feature)) for place in places]


def _store(b, out, first, feature, rows):
    """Store the columns of a square and give them."""
    columns = _turned(b, rows)
    for j, column in enumerate(columns):
        row = b.mul(b.add(feature, integer(j)), integer(TILE))
        b.store(column, vector(b, out, FLOATS, row, first), align=4)
    return columns


def _turned(b, rows):
    """The columns of a square: its quarters exchanged, then theirs, then theirs."""
    for half in (1, 2, 4):
        lows, highs = (
            ir.Constant(CHOICE, [_lane(i, half, high) for i in range(SIDE)]) for high in (0, half)
        )
        pairs = [(rows[i & ~half], rows[i | half]) for i in range(SIDE)]
        rows = [
            b.shuffle_vector(low, high, highs if i & half else lows)
            for i, (low, high) in enumerate(pairs)
        ]
    return rows


def _lane(i: int, half: int, high: int) -> int:
    """Where lane i of a row comes from: below SIDE of the lower row of the two, else the higher."""
    return (i & ~half) + high + (SIDE if i & half else 0)


def _prefetch(typing, rows, place):
    """Ask for a row that begins there, before it is needed."""

    def generate(context, b, signature, args):
        (source,) = arrays_in(context, b, (rows,), args[:1])
        word, byte = ir.IntType(32), ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        call = cgutils.get_or_insert_function(b.module, kind, "llvm.prefetch.p0i8")
        where = b.bitcast(b.gep(source.data, [args[1]]), byte)
        b.call(call, [where, word(0), word(3), word(1)])  # to read, often, data
        return context.get_dummy_value()

    return types.void(rows, types.int64), generate


prefetch: Any = intrinsic(_prefetch)
turn_squares: Any = intrinsic(_turn_rows)
bring_squares: Any = intrinsic(_bring_rows)


@lean
def turn(rows, places, tile):
    """Fill a tile (d, TILE) with points of `rows` (m * d,) that begin at places (TILE,)."""
    d = tile.shape[0]
    turn_squares(rows, places, tile)
    for j in range(d - d % SIDE, d):
        row, source = tile[j], rows[j:]
        for g in range(TILE):
            row[g] = source[places[g]]


@lean
def bring(rows, places, mean, scale, tile, norms):
    """The same of float64, moved by `mean` (d,) and scaled; norms: (TILE,), or more [modified].

    What is rounded takes at most d / 2 + 4 units of 2**-24 off: the sum half of d, its root, the
    product, what is added and the features one each; what underflows less than 2**-60.
    """
    d = tile.shape[0]
    bring_squares(rows, places, mean, scale, tile, norms)
    for j in range(d - d % SIDE, d):
        middle, row, source = mean[j], tile[j], rows[j:]
        for g in range(TILE):
            row[g] = np.float32((source[places[g]] - middle) * scale)
            norms[g] += row[g] * row[g]
    more = np.float32(1 + (d + 8) * 2.0**-24)
    for g in range(TILE):
        norms[g] = np.sqrt(norms[g]) * more + np.float32(2.0**-60)


@lean
def fetch(flat, members, d):
    """Ask for some rows of `flat` (m * d,) while others are at work: main memory takes 100 ns."""
    for i in members:
        for j in range(0, min(d, AHEAD), SIDE):
            prefetch(flat, i * d + j)
