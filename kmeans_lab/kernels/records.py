"""What goes into the kernels of Lloyd's iteration and what comes out: named tuples of arrays."""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import readonly
from .distance import F1, F2
from .exact import digits, fsum
from .silhouette import TARGETS, Targets, frozen, targets


class Problem(NamedTuple):
    """A data set as the kernels want it; read-only, shared by all starts and threads."""

    X: NDArray[np.float64]  # (n, d)
    XT: NDArray[np.float64]  # (d, n)
    digits: NDArray[np.int64]  # (n, d, L) fixed-point digits, see exact.py
    exponents: NDArray[np.int64]  # (d,)
    variance: NDArray[np.float64]  # (1,), mean variance of the features: the unit of tol
    aim: Targets  # the points whose silhouettes are averaged


class Rules(NamedTuple):
    """What a start obeys and what it leaves."""

    max_iter: int
    limit: float  # total squared shift of the centers that ends a start; -1 for never
    empty: int
    steps: bool
    labels: bool  # of every step


class Outcomes(NamedTuple):
    """Where R starts ended; NaN is null."""

    status: NDArray[np.int8]  # (R,), index into STATUS
    n_iter: NDArray[np.int32]  # (R,)
    relocations: NDArray[np.int32]  # (R,)
    initial_inertia: NDArray[np.float64]  # (R,)
    inertia: NDArray[np.float64]  # (R,)
    silhouette: NDArray[np.float64]  # (R,)
    silhouette_se: NDArray[np.float64]  # (R,)
    centers: NDArray[np.float64]  # (R, k, d)
    labels: NDArray[np.uint16]  # (R, n)
    canonical: NDArray[np.uint16]  # (R, n), clusters renamed by first appearance
    step_counts: NDArray[np.int32]  # (R,)


class Steps(NamedTuple):
    """What S steps left, start after start."""

    step_centers: NDArray[np.float64]  # (S, k, d), those the assign used
    step_inertia: NDArray[np.float64]  # (S,)
    step_moved: NDArray[np.int32]  # (S,)
    step_silhouette: NDArray[np.float64]  # (S,)
    step_silhouette_se: NDArray[np.float64]  # (S,)
    step_labels: NDArray[np.uint16]  # (S, n), after relocation; (S, 0) where not recorded


class Batch(NamedTuple):
    """Outcomes of R starts and the S steps they made, start after start."""

    status: NDArray[np.int8]
    n_iter: NDArray[np.int32]
    relocations: NDArray[np.int32]
    initial_inertia: NDArray[np.float64]
    inertia: NDArray[np.float64]
    silhouette: NDArray[np.float64]
    silhouette_se: NDArray[np.float64]
    centers: NDArray[np.float64]
    labels: NDArray[np.uint16]
    canonical: NDArray[np.uint16]
    step_counts: NDArray[np.int32]
    step_centers: NDArray[np.float64]
    step_inertia: NDArray[np.float64]
    step_moved: NDArray[np.int32]
    step_silhouette: NDArray[np.float64]
    step_silhouette_se: NDArray[np.float64]
    step_labels: NDArray[np.uint16]


class State(NamedTuple):
    """One start under way."""

    centers: NDArray[np.float64]  # (k, d)
    labels: NDArray[np.uint16]  # (n,), after relocation
    previous: NDArray[np.uint16]  # (n,), those of the step before
    nearest: NDArray[np.uint16]  # (n,), before relocation
    distances: NDArray[np.float64]  # (n,), squared, to the nearest center
    counts: NDArray[np.int64]  # (k,)
    sums: NDArray[np.int64]  # (k, d, L), exact
    tokens: NDArray[np.uint64]  # (k, 2), hashes of the clusters' members


PROBLEM = types.NamedTuple(
    [F2, F2, readonly(types.int64, 3), readonly(types.int64, 1), F1, TARGETS], Problem
)
RULES = types.NamedTuple(
    [types.int64, types.float64, types.int64, types.boolean, types.boolean], Rules
)
OUTCOMES = types.NamedTuple(
    [types.int8[::1], types.int32[::1], types.int32[::1]]
    + [types.float64[::1]] * 4
    + [types.float64[:, :, ::1], types.uint16[:, ::1], types.uint16[:, ::1], types.int32[::1]],
    Outcomes,
)
STEPS = types.NamedTuple(
    [
        types.float64[:, :, ::1],
        types.float64[::1],
        types.int32[::1],
        types.float64[::1],
        types.float64[::1],
        types.uint16[:, ::1],
    ],
    Steps,
)


def prepare(X: NDArray[np.float64], silhouette: str = "exact") -> Problem:
    """What all starts on `X` (n, d) share; `silhouette` is exact, sampled or none.

    Validation is assumed.
    """
    points = frozen(np.array(X, dtype=np.float64, order="C"))
    XT = frozen(points.T)
    split = digits(points)
    variance = fsum(np.array([_variance(column) for column in XT])) / len(XT)
    unit = frozen(np.array([variance]))
    return Problem(points, XT, split.values, split.exponents, unit, targets(XT, silhouette))


def _variance(column: NDArray[np.float64]) -> float:
    mean = fsum(column) / len(column)
    return fsum((column - mean) ** 2) / len(column)
