"""What a thread keeps between the partitions of a data set: sums of distances, and room to work.

A sum is a whole number of units, so moving a point from one cluster's sum to another's leaves what
adding all of them anew would give, and a silhouette does not depend on what was scored before.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import inner
from .groups import UNASSIGNED
from .targets import TILE, Targets, padded

MOST = 1 << 24  # sums that are kept at most (168 MB); of more the targets are taken in turns

F1, F2, I1 = types.float64[::1], types.float64[:, ::1], types.int64[::1]
U2 = types.uint8[:, ::1]


class Sums(NamedTuple):
    """Distances from T targets (padded), summed over the members of each cluster."""

    labels: NDArray[np.uint16]  # (n,), the partition that they are of
    values: NDArray[np.int64]  # (k, T), in units
    known: NDArray[np.uint8]  # (k, T), whether a value is up to date
    near: NDArray[np.uint8]  # (k, T), whether it is wanted
    some: NDArray[np.uint8]  # (tiles, k), whether it is by any target of a tile


class Room(NamedTuple):
    """Room for one partition; made anew each array would cost 50 ns, and 10 wherever it goes."""

    own: NDArray[np.float64]  # (T,), mean distance to the other members of the own cluster
    rival: NDArray[np.float64]  # (T,), least mean distance to another cluster
    mine: NDArray[np.int64]  # (T,), label of a target
    starts: NDArray[np.int64]  # (k + 1,), where a cluster begins in order
    order: NDArray[np.int64]  # (n,), points by cluster
    members: NDArray[np.float64]  # (d, n), their coordinates
    centers: NDArray[np.float64]  # (k, d)
    spreads: NDArray[np.float64]  # (k,)
    square: NDArray[np.float64]  # (k, TILE)
    limit: NDArray[np.float64]  # (TILE,)
    found: NDArray[np.int64]  # (T,), a list of targets
    total: NDArray[np.int64]  # (T,), what is added to their sums
    near: NDArray[np.float64]  # (d, T), their coordinates
    line: NDArray[np.float64]  # (max(n, T),)


SUMS = types.NamedTuple([types.uint16[::1], types.int64[:, ::1], U2, U2, U2], Sums)
ROOM = types.NamedTuple([F1, F1, I1, I1, I1, F2, F2, F1, F2, F1, I1, I1, F2, F1], Room)


def empty_sums(aim: Targets, k: int) -> Sums:
    """Sums of nothing, for the targets of `aim` and k clusters."""
    size = targets_at_once(aim, k)
    labels = np.full(aim.points.shape[1], UNASSIGNED, np.uint16)
    known, near = np.zeros((2, k, size), np.uint8)
    some = np.zeros((size // TILE, k), np.uint8)
    return Sums(labels, np.zeros((k, size), np.int64), known, near, some)


def room_for(aim: Targets, k: int) -> Room:
    """Room for one partition of the data of `aim` in k clusters."""
    d, n = aim.points.shape
    size = targets_at_once(aim, k)
    return Room(
        own=np.zeros(size),
        rival=np.zeros(size),
        mine=np.full(size, -1),
        starts=np.zeros(k + 1, np.int64),
        order=np.zeros(n, np.int64),
        members=np.zeros((d, n)),
        centers=np.zeros((k, d)),
        spreads=np.zeros(k),
        square=np.zeros((k, TILE)),
        limit=np.zeros(TILE),
        found=np.zeros(size, np.int64),
        total=np.zeros(size, np.int64),
        near=np.zeros((d, size)),
        line=np.zeros(max(n, size)),
    )


def targets_at_once(aim: Targets, k: int) -> int:
    """The number T of targets whose sums are kept, padded to whole vectors or tiles."""
    m = len(aim.rows)
    return padded(m) if aim.whole.size else padded(min(m, max(MOST // k, 1)), TILE)


@inner
def copied(source, target):
    """Copy an array (m,). Numba's own assignment brings the words of its errors: 3 s to compile."""
    for i in range(source.size):
        target[i] = source[i]


@inner
def fill(row, value):
    """Set all of a row (m,); an assignment to a slice takes a second more to compile."""
    for i in range(row.size):
        row[i] = value
