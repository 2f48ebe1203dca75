"""Point sets at the door: what every array must be before a kernel sees it, and its scales."""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, suggest

T = TypeVar("T", bound=np.generic)

LARGEST = 1e145  # n d (2 LARGEST)**2 is finite: no sum of squared distances overflows
SMALLEST = 1e-145  # as a spread: the squares of 1e-8 of it still keep all their digits
CHUNK = 4096  # rows between two looks at the limit of `distinct`
PART = 1 << 16  # rows that are looked at at a time


class Scale(NamedTuple):
    """A change of unit, column by column, and what it adds to a column's name."""

    function: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    suffix: str


def from_array(X: Any) -> NDArray[np.float64]:
    """A user's points as a new C-contiguous, read-only float64 array (n, d).

    X: (n, d) real numbers of any layout and byte order, or a DataFrame of numbers.
    Raises DataError for other shapes and types, nothing to read, masked and non-finite values.
    """
    is_frame = hasattr(X, "iloc") and hasattr(X, "columns")
    array = _frame_values(X) if is_frame else _array_values(X)
    if array.ndim != 2:
        hint = "; for one feature X.reshape(-1, 1)" if array.ndim == 1 else ""
        raise DataError(f"X has shape {array.shape}; allowed: (n, d){hint}")
    if 0 in array.shape:
        raise DataError(f"X has shape {array.shape}; allowed: one row and one feature or more")
    with np.errstate(over="ignore"):  # a long double beyond float64 becomes inf, refused below
        points = np.array(array, dtype=np.float64, order="C", copy=True, subok=False)
    names = [repr(c) for c in X.columns] if is_frame else [str(j) for j in range(array.shape[1])]
    _check_finite(points, names)
    check_magnitude(points, "X", names, lambda i: f"row {i}, from 0")
    return frozen(points)


def frozen(X: NDArray[Any]) -> NDArray[Any]:
    """`X` as a C-contiguous array that nobody can write to."""
    X = np.ascontiguousarray(X)
    X.setflags(write=False)
    return X


def _array_values(X: Any) -> NDArray[Any]:
    if hasattr(X, "toarray"):
        raise DataError(f"X is sparse ({type(X).__name__}); allowed: a dense array, X.toarray()")
    if np.ma.isMaskedArray(X) and (mask := np.ma.getmaskarray(X)).any():
        first = tuple(int(i) for i in np.argwhere(mask)[0])
        text = f"X has {_values(int(mask.sum()))} masked, the first at {first}"
        raise DataError(f"{text}; allowed: no missing values")
    try:
        array = np.asarray(np.ma.getdata(X))
    except ValueError as problem:
        raise DataError(f"X is no array: {problem}; allowed: (n, d) real numbers") from None
    if array.dtype.kind not in "biuf":
        raise DataError(f"X holds {array.dtype} values; allowed: integers, floats or booleans")
    return array


def _frame_values(frame: Any) -> NDArray[Any]:
    for name, dtype in zip(frame.columns, frame.dtypes, strict=True):
        if getattr(dtype, "kind", "O") not in "biuf":
            text = f"column {name!r} of X holds {dtype} values"
            raise DataError(f"{text}; allowed: integers, floats or booleans")
    values: NDArray[Any] = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    return values


def _check_finite(X: NDArray[np.float64], names: list[str]) -> None:
    bad = ~np.isfinite(X)
    if not bad.any():
        return
    i, j = np.argwhere(bad)[0]
    text = f"X has {_values(int(bad.sum()))} not finite, the first {X[i, j]} at row {i}, column"
    raise DataError(f"{text} {names[j]}, both from 0; allowed: finite numbers")


def check_magnitude(
    X: NDArray[np.float64], where: str, names: list[str], row: Callable[[int], str]
) -> None:
    """Raises DataError where squared distances of finite `X` (n, d) overflow, or all underflow.

    names: (d,), how the columns are called in the message; row: the same for a row.
    """
    if any((np.abs(part) > LARGEST).any() for part in in_parts(X)):
        i, j = (int(index) for index in np.argwhere(np.abs(X.T) > LARGEST)[0][::-1])
        text = f"{where}: column {names[j]} holds {X[i, j]} at {row(i)}, whose square overflows"
        raise DataError(f"{text}; allowed: magnitudes up to {LARGEST:g}")
    spread = X.max(axis=0) - X.min(axis=0)
    j = int(spread.argmax())
    if 0 < spread[j] < SMALLEST:
        text = f"{where}: column {names[j]}, the widest, spreads over {spread[j]:.3g}"
        raise DataError(f"{text}, whose square is lost; allowed: 0, or {SMALLEST:g} and more")


def in_parts(X: NDArray[T]) -> Iterator[NDArray[T]]:
    """The rows of `X` (n, d), some at a time."""
    return (X[start : start + PART] for start in range(0, len(X), PART))


def distinct(X: NDArray[np.float64], limit: int | None = None) -> int:
    """Number of distinct rows of `X` (n, d), −0 being 0; counts no further than `limit`."""
    seen: set[bytes] = set()
    for start in range(0, len(X), CHUNK):
        rows = np.ascontiguousarray(X[start : start + CHUNK] + 0.0)
        seen.update(rows.view(f"V{8 * X.shape[1]}")[:, 0].tolist())
        if limit is not None and len(seen) >= limit:
            return limit
    return len(seen)


def scaled(X: NDArray[np.float64], scale: str) -> tuple[NDArray[np.float64], str]:
    """Finite `X` (n, d) with each column scaled, and what its name gains. DataError: unknown."""
    if scale not in SCALES:
        raise DataError(f"unknown scale {scale!r}{suggest(scale, SCALES)}")
    function, suffix = SCALES[scale]
    if function is _same:
        return X, suffix
    made = np.empty_like(X)
    for j, column in enumerate(X.T):
        made[:, j] = function(column)
    return made, suffix


def _same(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return x


def _standard(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """(x − mean) / population standard deviation; the sums are exact, so no machine differs."""
    if x.min() == x.max():
        return np.zeros_like(x)
    y = _unit(x)
    y = y - math.fsum(y) / y.size
    y = y - math.fsum(y) / y.size  # the mean was rounded: at a far offset that is seen
    return y / math.sqrt(math.fsum(y * y) / y.size)


def _minmax(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 0 to 1, both hit exactly."""
    if x.min() == x.max():
        return np.zeros_like(x)
    y = _unit(x)
    unit: NDArray[np.float64] = (y - y.min()) / (y.max() - y.min())
    return unit


def _unit(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """`x` (n,) times the power of two that brings it within ±1: nothing overflows from here."""
    exponent = int(np.frexp(np.abs(x).max())[1])
    unit: NDArray[np.float64] = np.ldexp(x, -exponent)
    return unit


def _values(number: int) -> str:
    return "1 value" if number == 1 else f"{number} values"


SCALES: dict[str, Scale] = {
    "none": Scale(_same, ""),
    "standard": Scale(_standard, ", standardized"),
    "minmax": Scale(_minmax, ", scaled to 0…1"),
}
