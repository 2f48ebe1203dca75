"""Words of LLVM's vector code, for what a loop that Numba vectorizes cannot say."""

from llvmlite import ir
from numba import types
from numba.core import cgutils

SIDE = 8  # values in a vector, where any processor's will do


def integer(value: int):
    """A constant int64."""
    return ir.Constant(ir.IntType(64), value)


def arrays_in(context, b, kinds, values):
    """The arrays among the arguments of an intrinsic."""
    return [
        context.make_array(kind)(context, b, value)
        for kind, value in zip(kinds, values, strict=True)
        if isinstance(kind, types.Array)
    ]


def at(b, array, place, offset: int):
    """Pointer to the element `offset` after a place."""
    return b.gep(array, [b.add(place, integer(offset))])


def vector(b, array, kind, place, offset: int = 0):
    """Pointer to the vector that begins there."""
    return b.bitcast(at(b, array, place, offset), kind.as_pointer())


def spread(b, value, kind):
    """A vector of `value` in all lanes."""
    nothing = ir.Constant(kind, ir.Undefined)
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), kind.count), [0] * kind.count)
    return b.shuffle_vector(b.insert_element(nothing, value, integer(0)), nothing, zeros)


def multiply_add(b, x, y, z):
    """x * y + z, fused where the processor can; vectors of float32."""
    kind = ir.FunctionType(x.type, [x.type] * 3)
    name = f"llvm.fmuladd.v{x.type.count}f32"
    return b.call(cgutils.get_or_insert_function(b.module, kind, name), [x, y, z])
