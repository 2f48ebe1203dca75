"""The two nearest centers of 32 points at once, in float32, in vector registers throughout.

A loop that Numba vectorizes keeps its sums in memory and fills half of an AVX-512 register. This
one is given to LLVM as vector code and reaches 85 % of all the processor can multiply and add.
"""

from math import inf
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ._vectors import arrays_in, at, integer, multiply_add, spread, vector

TILE = 32  # points whose features stand together
WIDTHS = (4, 6, 8, 10)  # centers a pass: ten sums of two vectors and what feeds them fill registers

# As many points a pass as registers hold: two vectors of 16, or with less than AVX-512 one of 8.
LANES, VECTORS = (16, 2) if binding.get_host_cpu_features().get("avx512f") else (8, 1)
FLOATS = ir.VectorType(ir.FloatType(), LANES)
INTEGERS = ir.VectorType(ir.IntType(32), LANES)


def width(k: int) -> int:
    """Centers a pass, one of WIDTHS, that leave the fewest places empty; the most where equal."""
    return min(WIDTHS, key=lambda w: (-(-k // w) * w, -w))


def _contest(typing, tiles, t, groups, halves, best, second, which, row):
    """Highest and second highest score of each point of tile t, and whose is the highest.

    The score of point i and center g w + c is sum over j of tiles[t, j, i] * groups[g, j, c], less
    halves[g, c]. tiles: (T, d, TILE) float32. groups: (G, d, w) float32. halves: (G, w) float32.
    best, second: (TILE,) float32 [modified]. which: (TILE,) int32 [modified].
    """
    kinds = (tiles, types.int64, groups, halves, best, second, which, types.int64)

    def generate(context, b, signature, args):
        arrays = arrays_in(context, b, kinds, args)
        _, d, size = cgutils.unpack_tuple(b, arrays[0].shape)
        tile = b.gep(arrays[0].data, [b.mul(args[1], b.mul(d, size))])
        count, w = cgutils.unpack_tuple(b, arrays[2].shape)
        values = [d, count, tile, *(array.data for array in arrays[1:3])]
        place = b.mul(args[7], integer(TILE))
        values += [b.gep(array.data, [place]) for array in arrays[3:]]
        for width in WIDTHS:
            with b.if_then(b.icmp_signed("==", w, integer(width))):
                b.call(_pass(b.module, width, [value.type for value in values]), values)
        return context.get_dummy_value()

    return types.void(*kinds), generate


def _pass(module, w: int, kinds):
    """The function that holds a contest of centers in groups of w."""
    kind = ir.FunctionType(ir.VoidType(), kinds)
    function = cgutils.get_or_insert_function(module, kind, f"contest_of_{w}")
    if function.is_declaration:
        function.linkage = "internal"
        function.attributes.add("noinline")  # one copy, whoever calls it
        b = ir.IRBuilder(function.append_basic_block())
        for first in range(0, TILE, LANES * VECTORS):
            _strip(b, w, first, *function.args)
        b.ret_void()
    return function


def _strip(b, w, first, d, count, tile, groups, halves, *out):
    """The contest for the points from `first` on that one pass takes; out: best, second, which."""
    starts = [first + LANES * v for v in range(VECTORS)]
    zeros, lowest = (ir.Constant(kind, [x] * LANES) for kind, x in ((INTEGERS, 0), (FLOATS, -inf)))
    podium = [[_local(b, x) for x in (lowest, lowest, zeros)] for _ in starts]
    sums = [[cgutils.alloca_once(b, FLOATS) for _ in starts] for _ in range(w)]
    with cgutils.for_range(b, count) as group:
        number = b.mul(group.index, integer(w))
        for c, row in enumerate(sums):
            half = spread(b, b.fneg(b.load(at(b, halves, number, c))), FLOATS)
            for total in row:
                b.store(half, total)
        with cgutils.for_range(b, d) as feature:
            place = b.mul(feature.index, integer(TILE))
            x = [b.load(vector(b, tile, FLOATS, place, s), align=4) for s in starts]
            place = b.mul(b.add(b.mul(group.index, d), feature.index), integer(w))
            for c, row in enumerate(sums):
                center = spread(b, b.load(at(b, groups, place, c)), FLOATS)
                for points, total in zip(x, row, strict=True):
                    b.store(multiply_add(b, points, center, b.load(total)), total)
        for c, row in enumerate(sums):
            name = spread(b, b.trunc(b.add(number, integer(c)), INTEGERS.element), INTEGERS)
            for score, places in zip(row, podium, strict=True):
                _compete(b, b.load(score), name, *places)
    for s, places in zip(starts, podium, strict=True):
        for array, place in zip(out, places, strict=True):
            value = b.load(place)
            b.store(value, vector(b, array, value.type, integer(0), s), align=4)


def _compete(b, score, name, best, second, which) -> None:
    """One more center's scores enter: they are first, or second, or neither."""
    leader = b.load(best)
    ahead = b.fcmp_ordered(">", score, leader)
    beaten = b.select(ahead, leader, score)
    b.store(b.select(ahead, score, leader), best)
    b.store(b.select(ahead, name, b.load(which)), which)
    runner_up = b.load(second)
    b.store(b.select(b.fcmp_ordered(">", beaten, runner_up), beaten, runner_up), second)


def _local(b, value):
    """A variable of the generated code, set each time it is met."""
    place = cgutils.alloca_once(b, value.type)
    b.store(value, place)
    return place


contest: Any = intrinsic(_contest)
