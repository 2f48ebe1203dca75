"""The silhouette of a partition: exact over all points, or estimated from a fixed sample of them.

It is a function of the data and the partition alone: the same bits for every labeling, in any order
of the points, and whatever was scored before.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._borrow import borrowed
from ._jit import apart, bare, frozen, inner, kernel, lean, readonly, warm
from .memory import MEMORY, SLOTS, Memory, empty_memory, partition_key, place
from .near import keep_near
from .small import keep_all
from .sums import ROOM, SUMS, Room, Sums, copied, empty_sums, fill, room_for
from .targets import F2, TARGETS, Targets, targets
from .widths import average, widths

__all__ = ["SCORES", "TARGETS", "Scores", "Targets", "empty_scores", "score", "targets"]


class Scores(NamedTuple):
    """What a thread keeps between the partitions of a data set in k clusters."""

    memory: Memory
    sums: Sums
    room: Room


SCORES = types.NamedTuple([MEMORY, SUMS, ROOM], Scores)
RESULT = types.UniTuple(types.float64, 2)


def empty_scores(aim: Targets, k: int, slots: int = SLOTS) -> Scores:
    """Scores of nothing, for partitions of the data of `aim` in k clusters."""
    return Scores(empty_memory(slots), empty_sums(aim, k), room_for(aim, k))


@inner
def undefined(counts, n):
    """Whether fewer than two clusters have members, or every point is alone."""
    filled = 0
    for c in range(counts.size):
        filled += counts[c] > 0
    return filled < 2 or filled == n


@kernel(RESULT(F2, TARGETS, SUMS, ROOM, readonly(types.uint16, 1), readonly(types.int64, 1)))
def silhouette(XT, aim, sums, room, labels, counts):
    """Mean silhouette of the targets and, where they are a sample, its standard error; NaN is null.

    XT: (d, n). labels: (n,). counts: (k,), members of each cluster. sums, room: [modified].
    """
    XT, aim, sums, room = borrowed(XT), borrowed(aim), borrowed(sums), borrowed(room)
    m, size = aim.rows.size, sums.values.shape[1]
    if m == 0 or undefined(counts, labels.size):
        return np.nan, np.nan
    total, squares = np.int64(0), np.int64(0)
    for first in range(0, m, size):
        if aim.whole.size > 0:
            keep_all(aim, sums, room, labels, counts)
        else:
            if size < m:  # the sums are those of other targets
                for c in range(counts.size):
                    fill(sums.known[c], 0)
            keep_near(aim, sums, room, labels, counts, first)
        part = widths(XT, aim, room, labels, counts, first)
        total, squares = total + part[0], squares + part[1]
    copied(labels, sums.labels)
    return average(aim, total, squares)


silhouette_apart = apart(silhouette)


@lean
def score(XT, aim, scores, labels, counts):
    """Mean silhouette of a partition and its standard error, looked up or computed.

    XT: (d, n). aim: Targets. labels: (n,) uint16. counts: (k,) int64. scores: [modified].
    """
    first, second = partition_key(aim.words, labels, counts.size)
    slot, known = place(scores.memory, first, second)
    if not known:
        compute(XT, aim, scores, labels, counts, slot)
    return scores.memory.values[slot, 0], scores.memory.values[slot, 1]


@bare
def compute(XT, aim, scores, labels, counts, slot):
    """Fill a slot: a function of its own, so that a look-up counts no references (100 ns)."""
    values = silhouette_apart(XT, aim, scores.sums, scores.room, labels, counts)
    scores.memory.values[slot, 0], scores.memory.values[slot, 1] = values


def mean_silhouette(X: NDArray[np.float64], labels: NDArray[np.integer]) -> float:
    """Mean silhouette of `X` (n, d) under labels (n,) from 0 to k − 1, each with a member.

    NaN where undefined. Validation is assumed.
    """
    counts = np.bincount(labels)
    if len(counts) < 2 or len(counts) == len(X):
        return float("nan")
    XT = frozen(X.T)
    warm()
    aim = targets(XT, "exact")
    work = empty_sums(aim, len(counts)), room_for(aim, len(counts))
    return float(silhouette(XT, aim, *work, frozen(labels.astype(np.uint16)), counts)[0])
