"""Points and centers in float32, and what is kept of them from step to step: for certified.py."""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import frozen, readonly
from .distance import BLOCK, F1
from .tiles import TILE, width

FAR = 2.0**100  # half the squared norm of no center: fills groups, never nearest
CHUNK = 64  # tiles between two looks at what to do: a call of Numba's costs as much as a tile


class Fast(NamedTuple):
    """A data set in float32, moved and scaled, in tiles; read-only, shared by all threads."""

    tiles: NDArray[np.float32]  # (T, d, TILE), the last filled with zeros
    rows: NDArray[np.float32]  # (T * TILE * d,), the same; to gather one costs few cache lines
    norms: NDArray[np.float32]  # (T * TILE,), no less than each point's norm
    mean: NDArray[np.float64]  # (d,)
    scale: NDArray[np.float64]  # (1,), a power of two


class Work(NamedTuple):
    """What one start after another knows of n points and k centers; a thread's own."""

    centers: NDArray[np.float64]  # (k, d), those of the last step
    groups: NDArray[np.float32]  # (G, d, w), moved and scaled
    halves: NDArray[np.float32]  # (G, w), half their squared norms
    drifts: NDArray[np.float32]  # (G * w,), how far each and its rivals can have approached
    limits: NDArray[np.float32]  # (4,), what scores can prove
    nearest: NDArray[np.int32]  # (T * TILE,), of each point
    leads: NDArray[np.float32]  # (T * TILE,)
    tiles: NDArray[np.float32]  # (CHUNK, d, TILE), gathered points
    norms: NDArray[np.float32]  # (CHUNK * TILE,)
    members: NDArray[np.int64]  # (CHUNK * TILE,), who they are
    places: NDArray[np.int64]  # (TILE,)
    best: NDArray[np.float32]  # (CHUNK * TILE,), highest scores
    second: NDArray[np.float32]  # (CHUNK * TILE,)
    which: NDArray[np.int32]  # (CHUNK * TILE,), whose are the highest
    lead: NDArray[np.float32]  # (CHUNK * TILE,)
    open: NDArray[np.int64]  # (BLOCK,), points that float32 cannot decide
    columns: NDArray[np.float64]  # (d * BLOCK,), of them
    labels: NDArray[np.uint16]  # (BLOCK,)
    distances: NDArray[np.float64]  # (BLOCK,)
    rival: NDArray[np.float64]  # (BLOCK,)
    winner: NDArray[np.int64]  # (BLOCK,)


FAST = types.NamedTuple(
    [*(readonly(types.float32, dimensions) for dimensions in (3, 1, 1)), F1, F1], Fast
)
WORK = types.NamedTuple(
    [types.float64[:, ::1], types.float32[:, :, ::1], types.float32[:, ::1]]
    + [types.float32[::1]] * 2
    + [types.int32[::1], types.float32[::1], types.float32[:, :, ::1], types.float32[::1]]
    + [types.int64[::1]] * 2
    + [types.float32[::1], types.float32[::1], types.int32[::1]]
    + [types.float32[::1]]
    + [types.int64[::1], types.float64[::1], types.uint16[::1], types.float64[::1]]
    + [types.float64[::1], types.int64[::1]],
    Work,
)


def fast(X: NDArray[np.float64]) -> Fast:
    """`X` (n, d) in float32, beside which float64 is kept. Validation is assumed."""
    n, d = X.shape
    frame = framed(X.mean(axis=0), X.min(axis=0), X.max(axis=0))
    (scale,), mean = frame.scale, frame.mean
    count = -(-n // TILE)
    rows = np.zeros((count * TILE, d), np.float32)
    norms = np.zeros(count * TILE, np.float32)
    for start in range(0, n, CHUNK * TILE):
        y = (X[start : start + CHUNK * TILE] - mean) * scale
        rows[start : start + len(y)] = y
        norms[start : start + len(y)] = np.sqrt((y * y).sum(axis=1)) * (1 + 2.0**-20)
    tiles = np.ascontiguousarray(rows.reshape(count, TILE, d).transpose(0, 2, 1))
    return frame._replace(tiles=frozen(tiles), rows=frozen(rows.ravel()), norms=frozen(norms))


def framed(mean: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> Fast:
    """How points between `low` and `high` (d,) are moved and scaled, and none of them."""
    largest = float(np.maximum(high - mean, mean - low).max())
    scale = 2.0 ** (min(-int(np.frexp(largest)[1]), 500) if largest > 0 else 0)
    none = frozen(np.empty(0, np.float32))
    return Fast(
        none.reshape(0, len(mean), TILE), none, none, frozen(mean), frozen(np.array([scale]))
    )


def workspace(n: int, d: int, k: int) -> Work:
    """Room for starts with k centers on n points of d features."""
    w = width(k)
    tiles, groups = -(-n // TILE), -(-k // w)
    f4 = np.float32
    return Work(
        centers=np.zeros((k, d)),
        groups=np.zeros((groups, d, w), f4),
        halves=np.full((groups, w), FAR, f4),
        drifts=np.zeros(groups * w, f4),
        limits=np.zeros(4, f4),
        nearest=np.zeros(tiles * TILE, np.int32),
        leads=np.zeros(tiles * TILE, f4),
        tiles=np.zeros((1, d, TILE), f4),
        norms=np.zeros(CHUNK * TILE, f4),
        members=np.zeros(CHUNK * TILE, np.int64),
        places=np.zeros(TILE, np.int64),
        best=np.zeros(CHUNK * TILE, f4),
        second=np.zeros(CHUNK * TILE, f4),
        which=np.zeros(CHUNK * TILE, np.int32),
        lead=np.zeros(CHUNK * TILE, f4),
        open=np.zeros(BLOCK, np.int64),
        columns=np.zeros(d * BLOCK),
        labels=np.zeros(BLOCK, np.uint16),
        distances=np.zeros(BLOCK),
        rival=np.zeros(BLOCK),
        winner=np.zeros(BLOCK, np.int64),
    )
