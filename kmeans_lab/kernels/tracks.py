"""Steps that earlier starts left, for starts that join their ways and leave the same.

A step is a function of the centers it begins with, its labels too. Only how many labels it changed
is one of the labels before, so for the first step after joining they are compared.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import lean
from .step import copy

BYTES = 16 << 20  # of steps that are kept at most; the first comers stay
NOWHERE = -1


class Tracks(NamedTuple):
    """Steps and what followed each of them; a thread's own."""

    centers: NDArray[np.float64]  # (STEPS, k, d), with which a step began
    inertia: NDArray[np.float64]  # (STEPS,)
    silhouette: NDArray[np.float64]  # (STEPS, 2), and its standard error
    moved: NDArray[np.int32]  # (STEPS,)
    labels: NDArray[np.uint8]  # (STEPS, n), in the data's order; k <= 256
    follower: NDArray[np.int64]  # (STEPS,), the step after it
    used: NDArray[np.int64]  # (1,), how many are kept


TRACKS = types.NamedTuple(
    [
        types.float64[:, :, ::1],
        types.float64[::1],
        types.float64[:, ::1],
        types.int32[::1],
        types.uint8[:, ::1],
        types.int64[::1],
        types.int64[::1],
    ],
    Tracks,
)


def new_tracks(n: int, d: int, k: int) -> Tracks:
    """Room for steps of starts with k centers on n points of d features, labels of a byte each.

    None for n = 0.
    """
    steps = BYTES // (n + 8 * (k * d + 5)) if n else 0
    return Tracks(
        centers=np.zeros((steps, k, d)),
        inertia=np.zeros(steps),
        silhouette=np.zeros((steps, 2)),
        moved=np.zeros(steps, np.int32),
        labels=np.zeros((steps, n), np.uint8),
        follower=np.zeros(steps, np.int64),
        used=np.zeros(1, np.int64),
    )


@lean
def keep_track(tracks, steps, first, made, follower):
    """Keep the `made` steps from row `first` on; gives the place of the first, -1 if there is none.

    follower: the place of the step after them.
    """
    place = tracks.used[0]
    if place + made > tracks.moved.size:
        return NOWHERE
    for t in range(made):
        row, to = first + t, place + t
        for c in range(tracks.centers.shape[1]):
            copy(steps.step_centers[row, c], tracks.centers[to, c])
        tracks.inertia[to] = steps.step_inertia[row]
        tracks.silhouette[to, 0] = steps.step_silhouette[row]
        tracks.silhouette[to, 1] = steps.step_silhouette_se[row]
        tracks.moved[to] = steps.step_moved[row]
        copy(steps.step_labels[row], tracks.labels[to])
        tracks.follower[to] = to + 1
    tracks.follower[place + made - 1] = follower
    tracks.used[0] = place + made
    return place


@lean
def changed(before, after):
    """How many labels (n,) differ."""
    count = 0
    for i in range(before.size):
        count += before[i] != after[i]
    return count


@lean
def retrace(tracks, place, steps, first, left):
    """Write the `left` steps from `place` on to the rows from `first` on."""
    for row in range(first, first + left):
        for c in range(tracks.centers.shape[1]):
            copy(tracks.centers[place, c], steps.step_centers[row, c])
        steps.step_inertia[row] = tracks.inertia[place]
        steps.step_silhouette[row] = tracks.silhouette[place, 0]
        steps.step_silhouette_se[row] = tracks.silhouette[place, 1]
        steps.step_moved[row] = tracks.moved[place]
        copy(tracks.labels[place], steps.step_labels[row])
        place = tracks.follower[place]
    steps.step_moved[first] = changed(steps.step_labels[first - 1], steps.step_labels[first])
