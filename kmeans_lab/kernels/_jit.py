"""The one decorator of the kernels, and the moment they are compiled."""

from collections.abc import Callable
from typing import Any

import numba

_pending: list[tuple[Any, str]] = []


def kernel(signature: str) -> Callable[[Callable[..., Any]], Any]:
    """Mark a function as a kernel with one explicit signature, compiled when `warm` is called."""

    def mark(function: Callable[..., Any]) -> Any:
        dispatcher = numba.njit(nogil=True, error_model="numpy")(function)
        dispatcher.disable_compile()
        _pending.append((dispatcher, signature))
        return dispatcher

    return mark


def warm(announce: Callable[[str], None] | None = None) -> None:
    """Compile, or load, every kernel defined so far."""
    while _pending:
        dispatcher, signature = _pending.pop(0)
        dispatcher.disable_compile(False)
        dispatcher.compile(signature)
        dispatcher.disable_compile()
