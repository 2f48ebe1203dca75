"""Ways to the end that earlier starts have gone: a start that joins one need not go it again.

What follows an update is a function of the centers alone, except for one thing: whether the next
step finds the labels unchanged. It does not where the next update moves a center, so only such
centers are kept, in full: they are compared bit by bit, and nothing rests on a hash. On Iris most
starts join another's way within a few steps.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import lean
from .tracks import NOWHERE

SLOTS = 1 << 16  # centers on the way, by their key; the last comer stays
ENDS = 1 << 12  # ends, by the key of their centers; the first comer stays
TRAIL = 64  # steps of a start that are kept
LARGEST = 512  # points, and
WIDEST = 16  # numbers in the centers (k d) up to which ways are kept: others seldom join


class Paths(NamedTuple):
    """Centers on the way to an end, and the ends; a thread's own."""

    centers: NDArray[np.float64]  # (SLOTS, k * d)
    left: NDArray[np.int32]  # (SLOTS,), steps from there to the end; 0: nothing is kept
    ends: NDArray[np.int32]  # (SLOTS,), which end
    tracks: NDArray[np.int64]  # (SLOTS,), place of the step that they begin, or -1: tracks.py
    last: NDArray[np.float64]  # (ENDS, k * d), centers at an end
    inertia: NDArray[np.float64]  # (ENDS,); NaN: no end
    silhouette: NDArray[np.float64]  # (ENDS, 2), and its standard error
    labels: NDArray[np.uint8]  # (ENDS, n * w)
    keys: NDArray[np.uint64]  # (ENDS, 2), of the partitions
    trail: NDArray[np.float64]  # (TRAIL, k * d), centers that this start has passed


PATHS = types.NamedTuple(
    [
        types.float64[:, ::1],
        types.int32[::1],
        types.int32[::1],
        types.int64[::1],
        types.float64[:, ::1],
        types.float64[::1],
        types.float64[:, ::1],
        types.uint8[:, ::1],
        types.uint64[:, ::1],
        types.float64[:, ::1],
    ],
    Paths,
)


def use_paths(n: int, d: int, k: int) -> bool:
    """Whether so many starts join another's way that it pays to keep them."""
    return n <= LARGEST and k * d <= WIDEST


def new_paths(kept: bool, d: int, k: int, width: int) -> Paths:
    """Room for the ways of starts with k centers on points of d features; none if not kept.

    width: bytes of the labels.
    """
    slots, ends, labels = (SLOTS, ENDS, width) if kept else (1, 1, 1)
    return Paths(
        centers=np.zeros((slots, k * d)),
        left=np.zeros(slots, np.int32),
        ends=np.zeros(slots, np.int32),
        tracks=np.zeros(slots, np.int64),
        last=np.zeros((ends, k * d)),
        inertia=np.full(ends, np.nan),
        silhouette=np.zeros((ends, 2)),
        labels=np.zeros((ends, labels), np.uint8),
        keys=np.zeros((ends, 2), np.uint64),
        trail=np.zeros((TRAIL, k * d)),
    )


@lean
def equal(flat, centers):
    """Whether centers (k, d) are those that are kept as `flat` (k * d,), bit by bit."""
    kept, d = flat.view(np.uint64), centers.shape[1]
    for c in range(centers.shape[0]):
        bits = centers[c].view(np.uint64)
        for j in range(d):
            if kept[c * d + j] != bits[j]:
                return False
    return True


@lean
def flatten(centers, flat):
    """Keep centers (k, d) as `flat` (k * d,)."""
    d = centers.shape[1]
    for c in range(centers.shape[0]):
        for j in range(d):
            flat[c * d + j] = centers[c, j]


@lean
def find(paths, key, centers, steps):
    """Slot of `centers` on a known way, or -1. steps: whether its steps have to be kept too."""
    slot = np.int64(key & np.uint64(paths.left.size - 1))
    if paths.left[slot] == 0 or (steps and paths.tracks[slot] == NOWHERE):
        return NOWHERE
    return slot if equal(paths.centers[slot], centers) else NOWHERE


@lean
def keep_way(paths, keys, passed, total, end, track):
    """Keep the centers after the first `passed` steps of a start that took `total` to an end.

    track: the place where its steps are kept, or -1.
    """
    for t in range(min(passed, TRAIL) - 1):
        moved = False
        for j in range(paths.trail.shape[1]):
            moved = moved or paths.trail[t, j] != paths.trail[t + 1, j]
        if moved:
            slot = np.int64(keys[t] & np.uint64(paths.left.size - 1))
            for j in range(paths.trail.shape[1]):
                paths.centers[slot, j] = paths.trail[t, j]
            paths.left[slot], paths.ends[slot] = total - (t + 1), end
            paths.tracks[slot] = track + t + 1 if track != NOWHERE else NOWHERE


@lean
def keep_end(paths, key, centers, outcomes, r):
    """Keep the outcome of start r, which converged at `centers`; gives its place, or -1."""
    end = np.int64(key & np.uint64(paths.inertia.size - 1))
    if not np.isnan(paths.inertia[end]):
        return end if equal(paths.last[end], centers) else NOWHERE
    flatten(centers, paths.last[end])
    paths.inertia[end] = outcomes.inertia[r]
    paths.silhouette[end, 0] = outcomes.silhouette[r]
    paths.silhouette[end, 1] = outcomes.silhouette_se[r]
    for half in range(2):
        paths.keys[end, half] = outcomes.keys[r, half]
    for i in range(paths.labels.shape[1]):
        paths.labels[end, i] = outcomes.labels[r, i]
    return end


@lean
def recall(paths, end, outcomes, r):
    """Give start r the outcome that is kept."""
    outcomes.inertia[r] = paths.inertia[end]
    outcomes.silhouette[r] = paths.silhouette[end, 0]
    outcomes.silhouette_se[r] = paths.silhouette[end, 1]
    for half in range(2):
        outcomes.keys[r, half] = paths.keys[end, half]
    for i in range(paths.labels.shape[1]):
        outcomes.labels[r, i] = paths.labels[end, i]
    d = outcomes.centers.shape[2]
    for c in range(outcomes.centers.shape[1]):
        for j in range(d):
            outcomes.centers[r, c, j] = paths.last[end, c * d + j]
