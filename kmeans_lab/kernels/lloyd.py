"""k-means by Lloyd's iteration: one step, one whole start, a batch of starts.

Lloyd, Least squares quantization in PCM (1982), method I: assign every point to its nearest
center, move every center to the mean of its points, until no label changes.
"""

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._borrow import borrowed
from ._jit import inner, kernel, readonly, warm
from .distance import assign
from .exact import exact_sum, rounded
from .memory import scrambled
from .records import (
    OUTCOMES,
    PROBLEM,
    RULES,
    STEPS,
    Batch,
    Outcomes,
    Problem,
    Rules,
    State,
    Steps,
    prepare,
)
from .silhouette import SCORES, Scores, empty_scores, frozen, score

__all__ = ["EMPTY", "STATUS", "Batch", "Problem", "empty_scores", "prepare", "run_batch"]

STATUS = ("converged", "max_iter", "tol", "cycle", "empty_cluster", "error")
CONVERGED, MAX_ITER, TOL, CYCLE, EMPTY_CLUSTER, ERROR = range(6)
EMPTY = {"relocate": 0, "keep": 1, "fail": 2}
RELOCATE, KEEP, FAIL = range(3)
UNASSIGNED = np.uint16(65535)
ROWS = 4096  # steps that a buffer holds at least


@inner
def change_token(tokens, label, i, sign):
    """Point i joins (sign 1) or leaves (-1) a cluster, whose token is the sum of its points' words.

    tokens: (k, 2) [modified].
    """
    for half in range(2):
        word = scrambled((np.uint64(i) << np.uint64(1)) + np.uint64(half))
        tokens[label, half] += word * np.uint64(sign)  # modulo 2**64, as all of it


@inner
def labeling_key(tokens):
    """64 bits for the labels of all points, from the clusters' tokens (k, 2)."""
    key = np.uint64(0)
    for c in range(tokens.shape[0]):
        key += scrambled(tokens[c, 0] ^ scrambled(np.uint64(c)))
    return key


@inner
def begin(problem, first_centers):
    """A start before its first step: centers placed, no point assigned."""
    n, k = problem.X.shape[0], first_centers.shape[0]
    labels = np.full(n, UNASSIGNED, np.uint16)
    return State(
        first_centers.copy(),
        labels,
        labels.copy(),
        labels.copy(),
        np.empty(n),
        np.zeros(k, np.int64),
        np.zeros((k, problem.X.shape[1], problem.digits.shape[2]), np.int64),
        np.zeros((k, 2), np.uint64),
    )


@inner
def shift(problem, state, i, label, sign):
    """Add (sign 1) or take away (-1) point i from a cluster's count, exact sums and token."""
    state.counts[label] += sign
    for j in range(problem.digits.shape[1]):
        for limb in range(problem.digits.shape[2]):
            state.sums[label, j, limb] += sign * problem.digits[i, j, limb]
    change_token(state.tokens, label, i, sign)


@inner
def move(problem, state, i, label):
    """Give point i a new label."""
    if state.labels[i] != UNASSIGNED:
        shift(problem, state, i, state.labels[i], -1)
    shift(problem, state, i, label, 1)
    state.labels[i] = label


@inner
def relocate(problem, state):
    """Each empty cluster takes the point farthest from its center, of a cluster of two or more."""
    relocated = 0
    for c in range(state.counts.size):
        if state.counts[c] == 0:
            farthest = -1
            for i in range(state.labels.size):
                if state.counts[state.labels[i]] >= 2 and (
                    farthest < 0 or state.distances[i] > state.distances[farthest]
                ):
                    farthest = i
            move(problem, state, farthest, np.uint16(c))
            relocated += 1
    return relocated


@inner
def step(problem, state, empty):
    """Assign, then relocate; gives the labels changed and the points relocated."""
    assign(problem.XT, state.centers, state.nearest, state.distances)
    state.previous[:] = state.labels
    for i in range(state.labels.size):
        if state.nearest[i] != state.labels[i]:
            move(problem, state, i, state.nearest[i])
    relocated = relocate(problem, state) if empty == RELOCATE else 0
    moved = 0
    for i in range(state.labels.size):
        moved += state.labels[i] != state.previous[i]
    return moved, relocated


@inner
def update(problem, state):
    """Move each center to the mean of its members; gives the total squared shift."""
    total = 0.0
    for c in range(state.counts.size):
        if state.counts[c] > 0:  # an empty cluster keeps its center
            for j in range(state.centers.shape[1]):
                mean = rounded(state.sums[c, j], problem.exponents[j]) / state.counts[c]
                total += (mean - state.centers[c, j]) * (mean - state.centers[c, j])
                state.centers[c, j] = mean
    return total


@inner
def seen_before(problem, first_centers, rules, state, keys, made):
    """Whether labels and centers after step `made` are those after an earlier step.

    Equal hashes only ask the question; the answer is the earlier steps made again and compared.
    """
    for earlier in range(made - 1):
        if keys[earlier] == keys[made - 1]:
            past = begin(problem, first_centers)
            for _ in range(earlier + 1):
                step(problem, past, rules.empty)
                update(problem, past)
            if (past.labels == state.labels).all() and (past.centers == state.centers).all():
                return True
    return False


@inner
def any_empty(counts):
    """Whether a cluster has no member."""
    return (counts == 0).any()


@inner
def run_steps(problem, first_centers, rules, state, scores, r, outcomes, steps, used, keys):
    """Steps of start r to its end; gives its status."""
    mean, error = np.nan, np.nan
    for t in range(rules.max_iter):
        row = used + t
        if rules.steps:
            steps.step_centers[row] = state.centers
        moved, relocated = step(problem, state, rules.empty)
        outcomes.n_iter[r] = t + 1
        outcomes.relocations[r] += relocated
        if t == 0:
            outcomes.initial_inertia[r] = exact_sum(state.distances)
        if rules.steps:
            if moved > 0:  # the same partition has the same silhouette
                mean, error = score(problem.XT, problem.aim, scores, state.labels, state.counts)
            steps.step_inertia[row] = exact_sum(state.distances)
            steps.step_moved[row] = moved
            steps.step_silhouette[row] = mean
            steps.step_silhouette_se[row] = error
            if rules.labels:
                steps.step_labels[row] = state.labels
            outcomes.step_counts[r] = t + 1
        if rules.empty == FAIL and any_empty(state.counts):
            return EMPTY_CLUSTER
        if moved == 0 and relocated == 0:
            return CONVERGED
        total = update(problem, state)
        keys[t] = labeling_key(state.tokens)
        if seen_before(problem, first_centers, rules, state, keys, t + 1):
            return CYCLE
        if total <= rules.limit:
            return TOL
    return MAX_ITER


@inner
def conclude(problem, state, scores, r, outcomes):
    """The outcome: labels nearest the last centers, their inertia and silhouette."""
    assign(problem.XT, state.centers, state.nearest, state.distances)
    counts = np.zeros(state.counts.size, np.int64)
    names = np.full(state.counts.size, UNASSIGNED, np.uint16)
    found = 0
    for i in range(state.nearest.size):
        label = state.nearest[i]
        counts[label] += 1
        if names[label] == UNASSIGNED:
            names[label] = found
            found += 1
        outcomes.canonical[r, i] = names[label]
    outcomes.labels[r] = state.nearest
    outcomes.centers[r] = state.centers
    outcomes.inertia[r] = exact_sum(state.distances)
    if outcomes.status[r] == CONVERGED:  # the labels are those of the last step
        mean, error = score(problem.XT, problem.aim, scores, state.labels, state.counts)
    else:
        mean, error = score(problem.XT, problem.aim, scores, state.nearest, counts)
    outcomes.silhouette[r] = mean
    outcomes.silhouette_se[r] = error


@kernel(
    types.UniTuple(types.int64, 2)(
        PROBLEM, readonly(types.float64, 3), RULES, SCORES, OUTCOMES, STEPS, types.int64
    )
)
def run_starts(problem, first_centers, rules, scores, outcomes, steps, begun):
    """Run starts from `begun` on while one fits into `steps`; gives starts done, steps used.

    first_centers: (R, k, d). scores, outcomes, steps: [modified].
    """
    problem, scores = borrowed(problem), borrowed(scores)
    outcomes, steps = borrowed(outcomes), borrowed(steps)
    used = 0
    keys = np.empty(rules.max_iter, np.uint64)
    for r in range(begun, first_centers.shape[0]):
        if rules.steps and used + rules.max_iter > steps.step_inertia.size:
            return r, used
        state = begin(problem, first_centers[r])
        first = first_centers[r]
        status = run_steps(problem, first, rules, state, scores, r, outcomes, steps, used, keys)
        outcomes.status[r] = status
        used += outcomes.step_counts[r]
        if status != EMPTY_CLUSTER:
            conclude(problem, state, scores, r, outcomes)
    return first_centers.shape[0], used


def run_batch(
    problem: Problem,
    first_centers: NDArray[np.float64],
    *,
    max_iter: int = 300,
    tol: float = 0.0,
    empty: str = "relocate",
    steps: bool = True,
    labels: str = "all",
    scores: Scores | None = None,
) -> Batch:
    """Run one start from each of `first_centers` (R, k, d). Validation is assumed.

    labels: "all" records those of every step. The silhouette is the problem's. scores: what earlier
    batches of this problem and k met [modified].
    """
    warm()
    first = frozen(np.asarray(first_centers, dtype=np.float64))
    limit = tol * float(problem.variance[0]) if tol > 0 else -1.0
    rules = Rules(max_iter, limit, EMPTY[empty], steps, steps and labels == "all")
    scores = scores or empty_scores(problem.aim, first.shape[1])
    outcomes = _outcomes(problem, first)
    parts: list[list[NDArray[np.generic]]] = []
    done = 0
    while done < len(first) or not parts:
        buffer = _buffer(problem, first, rules)
        done, used = run_starts(problem, first, rules, scores, outcomes, buffer, done)
        parts.append([column[:used] for column in buffer])
    return Batch(*outcomes, *(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _outcomes(problem: Problem, first: NDArray[np.float64]) -> Outcomes:
    R, n = len(first), len(problem.X)
    return Outcomes(
        status=np.full(R, ERROR, np.int8),
        n_iter=np.zeros(R, np.int32),
        relocations=np.zeros(R, np.int32),
        initial_inertia=np.full(R, np.nan),
        inertia=np.full(R, np.nan),
        silhouette=np.full(R, np.nan),
        silhouette_se=np.full(R, np.nan),
        centers=np.full(first.shape, np.nan),
        labels=np.zeros((R, n), np.uint16),
        canonical=np.zeros((R, n), np.uint16),
        step_counts=np.zeros(R, np.int32),
    )


def _buffer(problem: Problem, first: NDArray[np.float64], rules: Rules) -> Steps:
    # Untouched pages of an empty array cost nothing, so room for a longest start is free.
    rows = max(rules.max_iter, ROWS) if rules.steps else 0
    return Steps(
        step_centers=np.empty((rows, *first.shape[1:])),
        step_inertia=np.empty(rows),
        step_moved=np.empty(rows, np.int32),
        step_silhouette=np.empty(rows),
        step_silhouette_se=np.empty(rows),
        step_labels=np.empty((rows, len(problem.X) if rules.labels else 0), np.uint16),
    )
