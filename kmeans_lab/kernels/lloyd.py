"""k-means by Lloyd's iteration: one whole start, one start after another.

Lloyd, Least squares quantization in PCM (1982), method I: assign every point to its nearest
center, move every center to the mean of its points, until no label changes.
"""

from typing import NamedTuple

import numpy as np
from numba import types

from ._jit import apart, bare, kernel, lean, readonly
from .cycles import key_of, met, seen_before
from .exact import exact_sum
from .memory import partition_key
from .methods import PLAIN
from .paths import (
    PATHS,
    TRAIL,
    Paths,
    find,
    flatten,
    keep_end,
    keep_way,
    recall,
)
from .records import (
    FINDER,
    OUTCOMES,
    POINTS,
    RULES,
    STATE,
    STEPS,
)
from .silhouette import SCORES, TARGETS, Scores, score
from .step import (
    FAIL,
    any_empty,
    assign_nearest,
    begin,
    copy,
    own_distances,
    row_of,
    settle,
    update,
)
from .tracks import NOWHERE, TRACKS, Tracks, keep_track, retrace

STATUS = ("converged", "max_iter", "tol", "cycle", "empty_cluster", "error")
CONVERGED, MAX_ITER, TOL, CYCLE, EMPTY_CLUSTER, ERROR = range(6)
JOINED = -1  # an earlier start's way, to its end: converged


class Known(NamedTuple):
    """What the starts of a data set with k centers have met; a thread's own."""

    paths: Paths
    tracks: Tracks
    scores: Scores


KNOWN = types.NamedTuple([PATHS, TRACKS, SCORES], Known)
total_of, recurs = apart(exact_sum), apart(seen_before)


@lean
def record_labels(rows, labels, out):
    """Write labels (n,) in the data's order, one byte each, or two, low before high."""
    if out.size > labels.size:
        for i in range(labels.size):
            place = 2 * row_of(rows, i)
            out[place], out[place + 1] = np.uint8(labels[i] & 0xFF), np.uint8(labels[i] >> 8)
    elif rows.size > 0:
        for i in range(labels.size):
            out[rows[i]] = np.uint8(labels[i])
    else:
        for i in range(labels.size):
            out[i] = np.uint8(labels[i])


@lean
def run_steps(
    points,
    finder,
    aim,
    first_centers,
    rules,
    state,
    past,
    known,
    r,
    outcomes,
    steps,
    used,
    keys,
):
    """Steps of start r to its end; gives its status."""
    mean, error, relocated = np.nan, np.nan, 0
    begin(state, first_centers)
    for t in range(rules.max_iter):
        row = used + t
        if rules.steps:
            for c in range(state.counts.size):
                copy(state.centers[c], steps.step_centers[row, c])
        # What was relocated is not where the last assign had it.
        measured = assign_nearest(points, finder, rules.method, t == 0 or relocated > 0, state)
        moved, relocated = settle(points, rules, t == 0, measured, rules.steps or t == 0, state)
        outcomes.n_iter[r] = t + 1
        outcomes.relocations[r] += relocated
        if t == 0:
            outcomes.initial_inertia[r] = total_of(state.distances, state.room)
        if rules.steps:
            if moved > 0 and aim.rows.size > 0:
                mean, error = score(points.XT, aim, known.scores, state.labels, state.counts)
            steps.step_inertia[row] = total_of(state.distances, state.room)
            steps.step_moved[row] = moved
            steps.step_silhouette[row] = mean
            steps.step_silhouette_se[row] = error
            if rules.labels:
                record_labels(points.rows, state.labels, steps.step_labels[row])
            outcomes.step_counts[r] = t + 1
        if rules.empty == FAIL and any_empty(state.counts):
            return EMPTY_CLUSTER
        if moved == 0 and relocated == 0:
            return CONVERGED
        total = update(points, rules.limit >= 0, state)
        keys[t] = key_of(state.centers)
        if rules.paths:
            if t < TRAIL:
                flatten(state.centers, known.paths.trail[t])
            slot = find(known.paths, keys[t], state.centers, rules.steps)
            if slot != NOWHERE and t + 1 + known.paths.left[slot] <= rules.max_iter:
                return join(known, rules, slot, keys, t + 1, outcomes, r, steps, used)
        if met(keys, t + 1) and recurs(points, first_centers, rules, state, past, keys, t + 1):
            return CYCLE
        if rules.limit >= 0 and total <= rules.limit:
            return TOL
    return MAX_ITER


@lean
def join(known, rules, slot, keys, made, outcomes, r, steps, used):
    """Give start r, which met a known way after `made` steps, the steps and outcome at its end."""
    paths, tracks = known.paths, known.tracks
    end, left, track = paths.ends[slot], paths.left[slot], paths.tracks[slot]
    outcomes.n_iter[r] = made + left
    if rules.steps:
        outcomes.step_counts[r] = made + left
        retrace(tracks, track, steps, used + made, left)
    if outcomes.relocations[r] == 0:
        keep(known, rules, keys, made, made, end, track, outcomes, r, steps, used)
    recall(paths, end, outcomes, r)
    return JOINED


@lean
def keep(known, rules, keys, passed, made, end, follower, outcomes, r, steps, used):
    """Keep the first `passed` centers and `made` steps on the way of start r to an end.

    follower: the place of the step after them.
    """
    track = NOWHERE
    if rules.steps:
        track = keep_track(known.tracks, steps, used, made, follower)
    if track != NOWHERE or not rules.steps:
        keep_way(known.paths, keys, passed, outcomes.n_iter[r], end, track)


@lean
def conclude(points, finder, aim, rules, state, scores, r, outcomes):
    """The outcome: labels nearest the last centers, their inertia and silhouette."""
    measured = rules.steps or rules.method == PLAIN  # the distances, if the labels stand
    if outcomes.status[r] != CONVERGED:
        measured = assign_nearest(points, finder, rules.method, True, state)
        copy(state.nearest, state.labels)
        state.counts[:] = 0
        for i in range(state.labels.size):
            state.counts[state.labels[i]] += 1
    if not measured:
        own_distances(points, state, state.labels)
    outcomes.inertia[r] = total_of(state.distances, state.room)
    for c in range(state.counts.size):
        copy(state.centers[c], outcomes.centers[r, c])
    record_labels(points.rows, state.labels, outcomes.labels[r])
    first, second = partition_key(aim.words, state.labels, state.counts.size)
    outcomes.keys[r, 0], outcomes.keys[r, 1] = first, second
    if aim.rows.size > 0:
        mean, error = score(points.XT, aim, scores, state.labels, state.counts)
        outcomes.silhouette[r] = mean
        outcomes.silhouette_se[r] = error


@kernel(
    types.UniTuple(types.int64, 2)(
        POINTS,
        FINDER,
        TARGETS,
        readonly(types.float64, 3),
        RULES,
        STATE,
        STATE,
        KNOWN,
        OUTCOMES,
        STEPS,
        types.uint64[::1],
        types.int64,
    ),
    bare,
)
def run_starts(
    points,
    finder,
    aim,
    first_centers,
    rules,
    state,
    past,
    known,
    outcomes,
    steps,
    keys,
    begun,
):
    """Run starts from `begun` on while one fits into `steps`; gives starts done, steps used.

    first_centers: (R, k, d). keys: (max_iter,). From state on: [modified].
    """
    # A plain 0 is a type of its own, for which all that takes it would be compiled too: 4 s.
    used, nowhere = np.int64(0), np.int64(NOWHERE)
    for r in range(begun, first_centers.shape[0]):
        if rules.steps and used + rules.max_iter > steps.step_inertia.size:
            return r, used
        first = first_centers[r]
        status = run_steps(
            points,
            finder,
            aim,
            first,
            rules,
            state,
            past,
            known,
            r,
            outcomes,
            steps,
            used,
            keys,
        )
        outcomes.status[r] = CONVERGED if status == JOINED else status
        if status != EMPTY_CLUSTER and status != JOINED:
            conclude(points, finder, aim, rules, state, known.scores, r, outcomes)
        if rules.paths and status == CONVERGED and outcomes.relocations[r] == 0:
            made, key = np.int64(outcomes.n_iter[r]), key_of(state.centers)
            end = keep_end(known.paths, key, state.centers, outcomes, r)
            if end != NOWHERE:
                keep(known, rules, keys, made - 1, made, end, nowhere, outcomes, r, steps, used)
        used += outcomes.step_counts[r]
    return first_centers.shape[0], used
