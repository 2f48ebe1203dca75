"""Arrays whose references are not counted.

Numba counts a reference to every array that a kernel's parts hand on, by an atomic instruction of
5 ns; a look-up in memory that takes 100 ns passes fifty of them. A kernel's arguments outlive it,
so it may take them as borrowed at its beginning, and its parts count nothing.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

__all__ = ["borrowed"]

T = TypeVar("T")


def _borrowed(typing_context: Any, arguments: Any) -> Any:

    def codegen(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return _without_owner(context, builder, signature.args[0], values[0])

    return arguments(arguments), codegen


def _without_owner(context: Any, builder: ir.IRBuilder, kind: Any, value: Any) -> Any:
    if isinstance(kind, types.Array):
        array = make_array(kind)(context, builder, value)
        array.meminfo = cgutils.get_null_value(array.meminfo.type)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        parts: Any = kind
        for place, part in enumerate(parts):
            old = builder.extract_value(value, place)
            new = _without_owner(context, builder, part, old)
            value = builder.insert_value(value, new, place)
    return value


# The same array, or tuple of arrays, without an owner: the caller's must outlive it.
_intrinsic: Any = intrinsic(_borrowed)
borrowed: Callable[[T], T] = _intrinsic
