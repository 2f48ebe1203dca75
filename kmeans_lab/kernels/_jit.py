"""The one decorator of the kernels, and the moment they are compiled.

A kernel has one explicit signature, and an array that it only reads is `readonly(dtype, ndim)` in
it, so that it takes writable and read-only C arrays alike (joblib's memory maps are read-only) and
refuses every other layout and type loudly instead of compiling one more variant:

    @kernel(types.void(readonly(types.float64, 2), types.float64[::1]))
    def lengths(X, out): ...
"""

import pickle
import warnings
from collections.abc import Callable
from threading import Lock
from typing import Any

import llvmlite.ir
import numba
from numba import types
from numba.core.runtime.nrt import rtsys
from numba.extending import intrinsic

from ._cache import cache_folder, pack

__all__ = ["cache_folder", "inlined", "inner", "kernel", "readonly", "warm"]

_pending: list[tuple[Any, Any]] = []
_warming = Lock()

# For what only kernels call: compiled into its caller for the caller's types (also named tuples of
# arrays), so it needs neither a signature nor a place in the cache.
inner = numba.njit(nogil=True, error_model="numpy", _nrt=True)
lean = numba.njit(nogil=True, error_model="numpy", _nrt=False, forceinline=True)
bare = numba.njit(nogil=True, error_model="numpy", _nrt=False)


@intrinsic
def trailing_zeros(typingctx: Any, word: Any) -> Any:
    """Number of the lowest bit of an int64 that is set: one instruction."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], llvmlite.ir.Constant(llvmlite.ir.IntType(1), 0))

    return types.int64(types.int64), build


# The same, written into its caller by Numba: for what takes tuples of many arrays and is called
# often, as a call counts a reference to each of them (a look-up in memory: 120 ns, not 260).
inlined = numba.njit(nogil=True, error_model="numpy", inline="always", _nrt=True)


def readonly(dtype: Any, ndim: int) -> Any:
    """The type of a C-contiguous array of `ndim` dimensions that is only read."""
    return types.Array(dtype, ndim, "C", readonly=True)


def kernel(signature: Any, make: Callable[..., Any] = inner) -> Callable[[Callable[..., Any]], Any]:
    """Mark a function as a kernel with one explicit signature, compiled when `warm` is called."""

    def mark(function: Callable[..., Any]) -> Any:
        dispatcher: Any = make(function)
        if function is not dispatcher:  # as it is where NUMBA_DISABLE_JIT is set
            dispatcher._can_compile = False
            _pending.append((dispatcher, signature))
        return dispatcher

    return mark


def warm(announce: Callable[[str], None] | None = None) -> None:
    """Load every kernel defined so far from the cache, or compile it, inner kernels before outer.

    `announce` gets a line where something must be compiled or the cache cannot be used.
    """
    if not _pending:
        return
    with _warming:
        todo = list(_pending)  # none, if another thread was faster
        if todo:
            _compile(todo, announce)
        del _pending[: len(todo)]


def _compile(kernels: list[tuple[Any, Any]], announce: Callable[[str], None] | None) -> None:
    names = [_name(dispatcher) for dispatcher, _ in kernels]
    with pack(names, announce or _warn) as entries:
        if announce and not entries.keys() >= set(names):
            announce("compiling the kernels, once: about half a minute")
        for dispatcher, signature in kernels:
            dispatcher._cache = _Place(_name(dispatcher), entries)
            dispatcher._can_compile = True
            dispatcher.compile(signature)
            dispatcher._can_compile = False


def _name(dispatcher: Any) -> str:
    return f"{dispatcher.py_func.__module__}.{dispatcher.py_func.__qualname__}"


def _warn(line: str) -> None:
    warnings.warn(line, RuntimeWarning, stacklevel=7)


class _Place:
    """A place in the cache, which a kernel's dispatcher asks before and tells after compiling."""

    def __init__(self, name: str, entries: dict[str, bytes]) -> None:
        self.name, self.entries = name, entries

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        try:
            # Not target_context.refresh(), which imports all that Numba can compile, and SciPy with
            # it: a warm start takes a quarter of a second less.
            rtsys.initialize(target_context)
            return numba.core.compiler.CompileResult._rebuild(
                target_context, *pickle.loads(self.entries[self.name])
            )
        except Exception:
            return None  # not there, or of another make: Numba compiles

    def save_overload(self, signature: Any, result: Any) -> None:
        try:
            *code, environments = result._reduce()
            # To load one imports the module of Numba that its function stands in: 0.2 s in all.
            # It holds nothing but constants, and most hold none.
            needed = tuple(each for each in environments if each.consts)
            self.entries[self.name] = numba.core.serialize.dumps((*code, needed))
        except Exception:
            self.entries.pop(self.name, None)
