"""A batch of starts: room for what they leave, and the call of their kernel."""

import numpy as np
from numpy.typing import NDArray

from . import many
from ._jit import frozen, warm
from .crowd import Crowd, hands
from .lloyd import EMPTY_CLUSTER, ERROR, Known, run_starts
from .memory import SLOTS, WAYS
from .methods import method
from .paths import new_paths, use_paths
from .records import Batch, Finder, Outcomes, Problem, Rules, State, Steps, finder, state
from .silhouette import empty_scores
from .step import EMPTY
from .tracks import new_tracks

ROWS = 4096  # steps that a buffer holds at least, where they fit into
BUFFER = 64 << 20  # bytes; one start may need more


def nothing_known(problem: Problem, k: int, keeping: bool = True) -> Known:
    """What is known before the first start, with room for what is met, if that is kept."""
    d, n = problem.points.XT.shape
    kept = keeping and use_paths(n, d, k)
    paths = new_paths(kept, d, k, n * label_type(k).itemsize)
    tracks = new_tracks(n if kept else 0, d, k)
    return Known(paths, tracks, empty_scores(problem.aim, k, SLOTS if keeping else WAYS))


def thread_room(
    problem: Problem, k: int, known: Known | None = None
) -> tuple[Finder, State, State, Known]:
    """What a thread keeps for starts with k centers, in the order of `run_starts`."""
    points = problem.points
    known = known or nothing_known(problem, k)
    return finder(problem, k), state(points, k), state(points, k), known


def run_batch(
    problem: Problem | Crowd,
    first_centers: NDArray[np.float64],
    *,
    max_iter: int = 300,
    tol: float = 0.0,
    empty: str = "relocate",
    steps: bool = True,
    labels: str = "all",
    known: Known | None = None,
    keeping: bool = True,
    threads: int = 1,
) -> Batch:
    """Run one start from each of `first_centers` (R, k, d). Validation is assumed.

    labels: "all" records those of every step. The silhouette is the problem's. known: what earlier
    batches of this problem, k and `empty` met [modified]. keeping: whether starts may use what
    others met; the room for it takes longer to make (1 ms) than few small starts. threads: that
    share the work of a start on many points.
    """
    warm()
    first = frozen(np.asarray(first_centers, dtype=np.float64))
    limit = tol * problem.variance if tol > 0 else -1.0
    every = steps and labels == "all"
    if isinstance(problem, Crowd):
        crowded = many.Rules(max_iter, limit, EMPTY[empty], steps)
        return _run_many(problem, first, crowded, every, threads)
    (d, n), k = problem.points.XT.shape, first.shape[1]
    chosen = method(n, d, k)
    joining = keeping and steps == every and tol == 0 and use_paths(n, d, k)
    rules = Rules(max_iter, limit, EMPTY[empty], chosen, joining, steps, every)
    outcomes = _outcomes(n, first)
    ways, *room, known = thread_room(problem, k, known or nothing_known(problem, k, keeping))
    keys = np.empty(max_iter, np.uint64)
    parts: list[list[NDArray[np.generic]]] = []
    done = 0
    while done < len(first) or not parts:
        buffer = _buffer(problem, first, rules)
        done, used = run_starts(
            problem.points,
            ways,
            problem.aim,
            first,
            rules,
            *room,
            known,
            outcomes,
            buffer,
            keys,
            done,
        )
        parts.append([column[:used] for column in buffer])
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    batch = Batch(*outcomes, *columns)
    width = label_type(k)
    return batch._replace(
        labels=batch.labels.view(width), step_labels=batch.step_labels.view(width)
    )


def _run_many(
    points: Crowd, first: NDArray[np.float64], rules: many.Rules, every: bool, threads: int
) -> Batch:
    """One start after another, each on `threads` threads."""
    (R, k, d), n = first.shape, len(points.X)
    outcomes, made, width = _outcomes(n, first), list[many.Step](), label_type(k)
    labels: list[NDArray[np.unsignedinteger]] = []
    with hands(n, threads) as each:
        for r in range(R):
            start = many.Start(points, first[r], rules, each)
            for step in start.steps():
                if start.n_iter == 1:
                    outcomes.initial_inertia[r] = step.inertia
                if every:
                    labels.append(step.labels.astype(width))
                if rules.steps:
                    made.append(step._replace(labels=np.empty(0, np.uint16)))
            outcomes.step_counts[r] = start.n_iter if rules.steps else 0
            _note(outcomes, r, start)
    scores = np.array([step.silhouette for step in made]).reshape(-1, 2)
    steps = Steps(
        step_centers=np.array([step.centers for step in made]).reshape(-1, k, d),
        step_inertia=np.array([step.inertia for step in made]),
        step_moved=np.array([step.moved for step in made], np.int32),
        step_silhouette=scores[:, 0].copy(),
        step_silhouette_se=scores[:, 1].copy(),
        step_labels=_stacked(labels, n, width) if every else np.empty((len(made), 0), width),
    )
    return Batch(*outcomes._replace(labels=outcomes.labels.view(width)), *steps)


def _stacked(
    rows: list[NDArray[np.unsignedinteger]], n: int, width: np.dtype[np.unsignedinteger]
) -> NDArray[np.unsignedinteger]:
    """The rows (n,) as one array, each given up once it is copied: they are never there twice."""
    stacked = np.empty((len(rows), n), width)
    for i in reversed(range(len(rows))):
        stacked[i] = rows.pop()
    return stacked


def _note(outcomes: Outcomes, r: int, start: many.Start) -> None:
    """Write where start r ended."""
    outcomes.status[r], outcomes.n_iter[r] = start.status, start.n_iter
    outcomes.relocations[r] = start.relocations
    if start.status == EMPTY_CLUSTER:
        return
    end = start.end()
    outcomes.inertia[r], outcomes.centers[r], outcomes.keys[r] = end.inertia, end.centers, end.key
    outcomes.silhouette[r], outcomes.silhouette_se[r] = end.silhouette
    outcomes.labels[r] = end.labels.astype(label_type(len(end.centers))).view(np.uint8)


def label_type(k: int) -> np.dtype[np.unsignedinteger]:
    """Type of labels below `k` on disk: one byte, or two, low before high."""
    return np.dtype("u1" if k <= 256 else "<u2")


def _outcomes(n: int, first: NDArray[np.float64]) -> Outcomes:
    R, k, _ = first.shape
    return Outcomes(
        status=np.full(R, ERROR, np.int8),
        n_iter=np.zeros(R, np.int32),
        relocations=np.zeros(R, np.int32),
        initial_inertia=np.full(R, np.nan),
        inertia=np.full(R, np.nan),
        silhouette=np.full(R, np.nan),
        silhouette_se=np.full(R, np.nan),
        centers=np.full(first.shape, np.nan),
        labels=np.zeros((R, n * label_type(k).itemsize), np.uint8),
        keys=np.zeros((R, 2), np.uint64),
        step_counts=np.zeros(R, np.int32),
    )


def _buffer(problem: Problem, first: NDArray[np.float64], rules: Rules) -> Steps:
    # Untouched pages of an empty array cost nothing, so room for a longest start is free; it is
    # promised memory all the same, and some machines promise no more than they have.
    _, k, d = first.shape
    width = problem.points.XT.shape[1] * label_type(k).itemsize if rules.labels else 0
    fitting = min(ROWS, BUFFER // (8 * k * d + width))
    rows = max(rules.max_iter, fitting) if rules.steps else 0
    return Steps(
        step_centers=np.empty((rows, k, d)),
        step_inertia=np.empty(rows),
        step_moved=np.empty(rows, np.int32),
        step_silhouette=np.empty(rows),
        step_silhouette_se=np.empty(rows),
        step_labels=np.empty((rows, width), np.uint8),
    )
