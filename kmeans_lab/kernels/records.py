"""What goes into the kernels of Lloyd's iteration and what comes out: named tuples of arrays."""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import frozen, readonly
from .boxes import RACE, Race, race
from .digits import digits
from .distance import BLOCK, F1, F2, SIDE_BY_SIDE
from .exact import ROOM, fsum, variance_of
from .methods import use_boxes, use_float32
from .places import BOXES, Boxes, cut, in_halves, no_boxes
from .silhouette import Targets, targets
from .single import FAST, WORK, Fast, Work, fast, workspace

LABELS = 4  # in a word
LOOK = 16  # words compared before any label is looked at


class Points(NamedTuple):
    """The points of a data set as the steps want them.

    They may stand in another order than the data's rows; no result depends on it.
    """

    XT: NDArray[np.float64]  # (d, n), by feature
    X: NDArray[np.float64]  # (n, d), by row; (0, d) where d = 2
    rows: NDArray[np.int64]  # (n,), each point's row in the data; (0,) where that is its place
    digits: NDArray[np.int64]  # (n, d * L) fixed-point digits, see digits.py
    upto: NDArray[np.int64]  # (n + 1, d * L), their sums over all before; (1, d * L) where no boxes
    exponents: NDArray[np.int64]  # (d,)
    units: NDArray[np.float64]  # (d,), 2**exponents


class Problem(NamedTuple):
    """A data set as the kernels want it; read-only, shared by all starts and threads."""

    points: Points
    boxes: Boxes  # of the points, or none
    fast: Fast  # the points in float32, or one of them
    aim: Targets  # the points whose silhouettes are averaged
    variance: float  # mean variance of the features: the unit of tol


class Rules(NamedTuple):
    """What a start obeys and what it leaves."""

    max_iter: int
    limit: float  # total squared shift of the centers that ends a start; -1 for never
    empty: int
    method: int  # that finds the nearest centers, see methods.py
    paths: bool  # whether a start may join the way of an earlier one, see paths.py
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
    labels: NDArray[np.uint8]  # (R, n * w), of one byte each or two
    keys: NDArray[np.uint64]  # (R, 2), the same for the same partition, see memory.py
    step_counts: NDArray[np.int32]  # (R,)


class Steps(NamedTuple):
    """What S steps left, start after start."""

    step_centers: NDArray[np.float64]  # (S, k, d), those the assign used
    step_inertia: NDArray[np.float64]  # (S,)
    step_moved: NDArray[np.int32]  # (S,)
    step_silhouette: NDArray[np.float64]  # (S,)
    step_silhouette_se: NDArray[np.float64]  # (S,)
    step_labels: NDArray[np.uint8]  # (S, n * w), after relocation; (S, 0) where not recorded


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
    labels: NDArray[np.unsignedinteger]
    keys: NDArray[np.uint64]
    step_counts: NDArray[np.int32]
    step_centers: NDArray[np.float64]
    step_inertia: NDArray[np.float64]
    step_moved: NDArray[np.int32]
    step_silhouette: NDArray[np.float64]
    step_silhouette_se: NDArray[np.float64]
    step_labels: NDArray[np.unsignedinteger]


class Finder(NamedTuple):
    """What finds the nearest centers: a way for points in boxes, one in float32; see methods.py."""

    boxes: Boxes
    race: Race
    fast: Fast
    work: Work


FINDER = types.NamedTuple([BOXES, RACE, FAST, WORK], Finder)


def finder(problem: Problem, k: int) -> Finder:
    """Room to find the nearest of `k` centers."""
    n, d = len(problem.fast.norms), problem.points.XT.shape[0]
    work = workspace(n, d, k)
    return Finder(problem.boxes, race(problem.boxes, k), problem.fast, work)


class State(NamedTuple):
    """One start under way; its arrays serve start after start."""

    centers: NDArray[np.float64]  # (k, d)
    labels: NDArray[np.uint16]  # (n,), those of the last step, after relocation
    nearest: NDArray[np.uint16]  # (n,), those of this step
    label_words: NDArray[np.uint64]  # (LOOK * blocks,), the labels, four in a word, and filling
    nearest_words: NDArray[np.uint64]  # (LOOK * blocks,), the same
    blocks: NDArray[np.int64]  # (blocks,), first words of blocks in which a label changed
    distances: NDArray[np.float64]  # (n,), squared, to the nearest center
    counts: NDArray[np.int64]  # (k,)
    sums: NDArray[np.int64]  # (k, d * L), exact
    touched: NDArray[np.bool_]  # (k,), whether a point joined or left since the last update
    mean: NDArray[np.float64]  # (d,), of a cluster
    squares: NDArray[np.float64]  # (SIDE_BY_SIDE, d)
    rival: NDArray[np.float64]  # (BLOCK,)
    winner: NDArray[np.int64]  # (BLOCK,)
    room: NDArray[np.float64]  # (ROOM,), for exact sums


def state(points: Points, k: int) -> State:
    """Room for one start with `k` centers."""
    d, n = points.XT.shape
    blocks = -(-n // (LABELS * LOOK))
    words = np.zeros((2, blocks * LOOK), np.uint64)
    labels, nearest = words.view(np.uint16)[:, :n]
    return State(
        centers=np.empty((k, d)),
        labels=labels,
        nearest=nearest,
        label_words=words[0],
        nearest_words=words[1],
        blocks=np.empty(blocks, np.int64),
        distances=np.empty(n),
        counts=np.empty(k, np.int64),
        sums=np.empty((k, points.upto.shape[1]), np.int64),
        touched=np.empty(k, np.bool_),
        mean=np.empty(d),
        squares=np.empty((SIDE_BY_SIDE, d)),
        rival=np.empty(BLOCK),
        winner=np.empty(BLOCK, np.int64),
        room=np.empty(ROOM),
    )


G1, G2 = types.float64[::1], types.float64[:, ::1]
I1, I2, U1, W1 = types.int64[::1], types.int64[:, ::1], types.uint16[::1], types.uint64[::1]
STATE = types.NamedTuple(
    [G2, U1, U1, W1, W1, I1, G1, I1, I2, types.boolean[::1], G1, G2, G1, I1, G1], State
)
R1, R2 = readonly(types.int64, 1), readonly(types.int64, 2)
POINTS = types.NamedTuple(
    [F2, F2, R1, R2, R2, R1, F1],
    Points,
)
RULES = types.NamedTuple(
    [types.int64, types.float64, types.int64, types.int64] + [types.boolean] * 3, Rules
)
OUTCOMES = types.NamedTuple(
    [types.int8[::1], types.int32[::1], types.int32[::1]]
    + [types.float64[::1]] * 4
    + [types.float64[:, :, ::1], types.uint8[:, ::1], types.uint64[:, ::1], types.int32[::1]],
    Outcomes,
)
STEPS = types.NamedTuple(
    [
        types.float64[:, :, ::1],
        types.float64[::1],
        types.int32[::1],
        types.float64[::1],
        types.float64[::1],
        types.uint8[:, ::1],
    ],
    Steps,
)


def prepare(X: NDArray[np.float64], silhouette: str = "exact") -> Problem:
    """What all starts on `X` (n, d) share; `silhouette` is exact, sampled or none.

    Validation is assumed.
    """
    points = np.asarray(X, dtype=np.float64)
    rows = np.empty(0, np.int64)
    boxed = use_boxes(*points.shape)
    if boxed:
        rows = in_halves(points)
        points = points[rows]
    XT = frozen(points.T)
    split = digits(points)
    by_row = frozen(points if points.shape[1] != 2 else points[:0])
    units = np.ldexp(1.0, split.exponents)  # exact, and so are integers times them
    variance = fsum(np.array([variance_of(column) for column in XT])) / len(XT)
    kept = frozen(split.values.reshape(len(points), -1))
    upto = np.zeros((len(points) * boxed + 1, kept.shape[1]), np.int64)
    np.cumsum(kept[: len(upto) - 1], axis=0, out=upto[1:])
    return Problem(
        Points(XT, by_row, frozen(rows), kept, frozen(upto), split.exponents, frozen(units)),
        cut(XT) if boxed else no_boxes(),
        fast(points if use_float32(*points.shape) else points[:1]),
        targets(XT, silhouette, rows if boxed else None),
        variance,
    )
