"""The one decorator of the kernels, and the moment they are compiled.

A kernel has one explicit signature, and an array that it only reads is `readonly(dtype, ndim)` in
it, so that it takes writable and read-only C arrays alike (joblib's memory maps are read-only) and
refuses every other layout and type loudly instead of compiling one more variant:

    @kernel(types.void(readonly(types.float64, 2), types.float64[::1]))
    def lengths(X, out): ...

    kernel    called from Python, or large: one signature, a place in the cache
    apart     a kernel as other kernels call it: one copy of its code
    inner     what only kernels call, the plain choice
    inlined   takes tuples of many arrays, and is called often
    lean      makes no array, and is short or called at each step: LLVM writes it into its caller
    bare      makes no array, and is long or called seldom: stays by itself
"""

import pickle
import pkgutil
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from importlib import import_module
from pathlib import Path
from threading import Lock, Thread
from typing import Any, TypeVar

import llvmlite.ir
import numba
import numba.extending
import numpy as np
from numba import types
from numba.core.runtime.nrt import rtsys
from numpy.typing import NDArray

from ..errors import COMPILER, RunError
from ._cache import cache_folder, pack

__all__ = [
    "apart",
    "bare",
    "cache_folder",
    "frozen",
    "inlined",
    "inner",
    "kernel",
    "lean",
    "readonly",
    "trailing_zeros",
    "warm",
]

T = TypeVar("T", bound=np.generic)

config: Any = numba.config
if config.DISABLE_JIT:  # some parts of kernels are instructions, which Python has no words for
    raise RunError("NUMBA_DISABLE_JIT is set, but the kernels run only compiled: unset it")

_pending: list[tuple[Any, Any]] = []
_apart: dict[str, Any] = {}
_warming = Lock()

njit: Any = numba.njit  # whose type does not tell of all its options
intrinsic: Any = numba.extending.intrinsic
OPTIONS = {"nogil": True, "error_model": "numpy"}

# For what only kernels call: compiled into its caller for the caller's types (also named tuples of
# arrays), so it needs neither a signature nor a place in the cache.
inner = njit(**OPTIONS, _nrt=True)

# The same, written into its caller by Numba: for what takes tuples of many arrays and is called
# often, as a call counts a reference to each of them (a look-up in memory: 120 ns, not 260).
inlined = njit(**OPTIONS, inline="always", _nrt=True)

# What makes no array needs no references at all, whose counting takes longer than most steps do;
# `lean` is written into its caller by LLVM too (a start of Iris: 6.5 µs, not 16), `bare` is not.
lean = njit(**OPTIONS, forceinline=True, _nrt=False)
bare = njit(**OPTIONS, _nrt=False)


@intrinsic
def trailing_zeros(typing_context: Any, word: Any) -> Any:
    """Place of the lowest bit set of an int64: one instruction."""

    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.cttz(values[0], llvmlite.ir.Constant(llvmlite.ir.IntType(1), 0))

    return types.int64(types.int64), build


def apart(kernel: Any) -> Any:
    """A kernel as other kernels call it: where its code is, not copied into each of them.

    Numba would copy and optimize it in every caller: to compile all took twice as long. A caller is
    compiled after it, and knows it by its symbol.
    """
    _apart[_name(kernel)] = kernel

    @intrinsic
    def call(typing_context: Any, *given: Any) -> Any:
        (made,) = kernel.overloads.values()

        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            wanted = made.signature.args
            parts = [
                context.cast(builder, builder.extract_value(values[0], i), given[i], wanted[i])
                for i in range(len(given))
            ]
            function = context.declare_function(builder.module, made.fndesc)
            result = made.signature.return_type
            call = context.call_conv
            status, value = call.call_function(builder, function, result, wanted, parts)
            with builder.if_then(status.is_error, likely=False):  # as MemoryError
                call.return_status_propagate(builder, status)
            return value

        return made.signature.return_type(types.BaseTuple.from_types(given)), build

    return call


def readonly(dtype: Any, ndim: int) -> Any:
    """The type of a C-contiguous array of `ndim` dimensions that is only read."""
    return types.Array(dtype, ndim, "C", readonly=True)


def frozen(array: NDArray[T]) -> NDArray[T]:
    """A read-only C-contiguous view, or copy where there is none: the type the kernels take."""
    view = np.ascontiguousarray(array).view()
    view.setflags(write=False)
    return view


def kernel(signature: Any, make: Callable[..., Any] = inner) -> Callable[[Callable[..., Any]], Any]:
    """Mark a function as a kernel with one explicit signature, compiled when `warm` is called."""

    def mark(function: Callable[..., Any]) -> Any:
        dispatcher: Any = make(function)
        dispatcher._can_compile = False
        _pending.append((dispatcher, signature))
        return dispatcher

    return mark


def warm(announce: Callable[[str], None] | None = None) -> None:
    """Load every kernel defined so far from the cache, or compile it, inner kernels before outer.

    `announce` gets a line where something must be compiled or the cache cannot be used. Not for a
    module of kernels to call while it is imported: the thread that compiles would wait for it.
    """
    if not _pending:
        return
    # In a thread of its own: here a signal is heard at once. Inside Numba one in three got lost.
    done: Future[None] = Future()
    lines: list[str] = []
    Thread(target=_make, args=(done, announce, lines), name=COMPILER, daemon=True).start()
    done.result()
    for line in lines:
        warnings.warn(line, RuntimeWarning, stacklevel=2)


def _make(done: Future[None], announce: Callable[[str], None] | None, lines: list[str]) -> None:
    """Tell `done` when nothing is pending; lines: what is said where nobody is to get it."""
    try:
        with _warming:
            if _pending:  # else another thread was faster
                del _pending[: _compile(announce, announce or lines.append)]
    except BaseException as error:
        done.set_exception(error)
    else:
        done.set_result(None)


def _compile(announce: Callable[[str], None] | None, say: Callable[[str], None]) -> int:
    """Load or compile what is pending; gives how many kernels that were."""
    names = [_name(dispatcher) for dispatcher, _ in _pending]
    with pack(names, say) as entries:
        if not entries.keys() >= set(names):
            if announce:
                announce("compiling the kernels, once: about a minute")
            # What is not needed yet too, so that nobody waits again when it is.
            for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
                import_module(f"{__package__}.{module.name}")
        kernels = list(_pending)
        for dispatcher, signature in kernels:
            dispatcher._cache = _Place(_name(dispatcher), entries)
            dispatcher._can_compile = True
            dispatcher.compile(signature)
            dispatcher._can_compile = False
    return len(kernels)


def _symbols() -> dict[str, str]:
    """Symbols of the kernels that others call, as far as they are compiled."""
    return {
        name: made.fndesc.mangled_name
        for name, kernel in _apart.items()
        for made in kernel.overloads.values()
    }


def _name(dispatcher: Any) -> str:
    return f"{dispatcher.py_func.__module__}.{dispatcher.py_func.__qualname__}"


class _Place:
    """A place in the cache, which a kernel's dispatcher asks before and tells after compiling."""

    def __init__(self, name: str, entries: dict[str, bytes]) -> None:
        self.name, self.entries = name, entries

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        try:
            # Not target_context.refresh(), which imports all that Numba can compile, and SciPy with
            # it: a warm start takes a quarter of a second less.
            rtsys.initialize(target_context)
            symbols, parts = pickle.loads(self.entries[self.name])
            here = _symbols()
            if any(here.get(name, symbol) != symbol for name, symbol in symbols.items()):
                return None  # what it calls was compiled anew
            return numba.core.compiler.CompileResult._rebuild(target_context, *parts)
        except Exception:
            return None  # not there, or of another make: Numba compiles

    def save_overload(self, signature: Any, result: Any) -> None:
        try:
            *code, environments = result._reduce()
            # To load one imports the module of Numba that its function stands in: 0.2 s in all.
            # It holds nothing but constants, and most hold none.
            needed = tuple(each for each in environments if each.consts)
            parts = numba.core.serialize.dumps((_symbols(), (*code, needed)))
            self.entries[self.name] = parts
        except Exception:
            self.entries.pop(self.name, None)
