"""Many points: what all starts share of them without a copy, and who works on them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.pool import ThreadPool
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ._jit import frozen
from .digits import Grid, grid
from .exact import fsum, variance_of
from .single import Fast, framed
from .targets import FINEST, place_of, sampled_rows

T = TypeVar("T")
PIECE = 1 << 16  # rows
MANY = 1 << 24  # values n d from which points are many: their copies would take 1 GB
FEWEST = 2 * PIECE  # points that many are at least, so that threads can share them


class Each(Protocol):
    """What calls a function with each piece of the rows, and gives what it gave, in order."""

    def __call__(self, function: Callable[[slice], T], /) -> Iterator[T]:
        """What `function` gives for each piece."""


class Sample(NamedTuple):
    """The targets of an estimate, which depend on the data alone; read-only."""

    rows: NDArray[np.int64]  # (m,)
    aims: NDArray[np.float64]  # (d, m), moved to `middle` and scaled by 2**-exponent
    middle: NDArray[np.float64]  # (d,)
    exponent: int
    unit: float  # units of a distance in 1


class Crowd(NamedTuple):
    """A data set of many points; read-only, shared by all starts and threads."""

    X: NDArray[np.float64]  # (n, d), the data set's own
    grid: Grid
    units: NDArray[np.float64]  # (d,), 2**exponents of the grid
    fast: Fast  # how points are brought to float32; of which none is kept
    drawn: Sample | None  # the points whose silhouettes are averaged
    variance: float  # mean variance of the features: the unit of tol


def is_many(X: NDArray[np.float64], silhouette: str) -> bool:
    """Whether the points `X` (n, d) are taken piece by piece."""
    return are_many(*X.shape) and silhouette != "exact"  # which nobody can wait for


def are_many(n: int, d: int) -> bool:
    """Whether n points of d features are too many to be there several times."""
    return n * d >= MANY and n >= FEWEST


def crowd(X: NDArray[np.float64], silhouette: str) -> Crowd:
    """What all starts on `X` (n, d) share; `silhouette` is sampled or none."""
    X, made = frozen(X), grid(X)
    low, high = X.min(axis=0), X.max(axis=0)
    variance = fsum(np.array([variance_of(column) for column in X.T])) / X.shape[1]
    drawn = sample(X, low, high) if silhouette == "sampled" else None
    units, brought = frozen(np.ldexp(1.0, made.exponents)), framed(X.mean(axis=0), low, high)
    return Crowd(X, made, units, brought, drawn, variance)


def sample(X: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> Sample:
    """The sample of the points `X` (n, d) between `low` and `high` (d,)."""
    rows = sampled_rows(len(X))
    middle, exponent = place_of(low, high)
    aims = np.ldexp((X[rows] - middle).T, -exponent)
    unit = 2.0 ** min(FINEST, 62 - len(X).bit_length())
    return Sample(frozen(rows), frozen(aims), frozen(middle), exponent, unit)


@contextmanager
def hands(n: int, threads: int) -> Iterator[Each]:
    """Who works on pieces of n rows: this thread, or several."""
    pieces = [slice(start, min(start + PIECE, n)) for start in range(0, n, PIECE)]
    if threads == 1:
        yield lambda function: map(function, pieces)
        return
    with ThreadPool(threads) as pool:  # daemons, whom an interrupted program does not wait for
        yield lambda function: pool.imap(function, pieces)
