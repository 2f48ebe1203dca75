"""A start that joins the way of an earlier one has the outcome that it would have alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmeans_lab.data.datasets import frozen
from kmeans_lab.kernels.batch import nothing_known, run_batch
from kmeans_lab.kernels.paths import use_paths
from kmeans_lab.kernels.records import Steps, prepare
from kmeans_lab.kernels.tracks import new_tracks, retrace
from strategies import points

STEPS = (
    "step_counts",
    "step_centers",
    "step_inertia",
    "step_moved",
    "step_silhouette",
    "step_silhouette_se",
    "step_labels",
)
ROWS = ((2, 1), "f8"), ((), "f8"), ((), "i4"), ((), "f8"), ((), "f8"), ((4,), "u1")  # of Steps
SAME = (
    "status",
    "n_iter",
    "relocations",
    "initial_inertia",
    "inertia",
    "silhouette",
    "silhouette_se",
    "centers",
    "labels",
    "keys",
)


def check(X, first, steps, silhouette="exact", **rules):
    """Every start of a batch is as it is where nothing is known, and all its steps are made."""
    ready, k = prepare(X, silhouette), first.shape[1]
    assert use_paths(*X.shape, k)
    known = nothing_known(ready, k)
    columns = SAME + STEPS if steps else SAME
    for half in np.array_split(first, 2):  # the second joins ways that the first batch left
        joined = run_batch(ready, half, steps=steps, known=known, **rules)
        alone = [run_batch(ready, half[r : r + 1], **rules) for r in range(len(half))]
        for column in columns:
            expected = np.concatenate([getattr(batch, column) for batch in alone])
            np.testing.assert_array_equal(getattr(joined, column), expected, column)
    return known


@settings(max_examples=150)
@given(
    points(min_n=4, max_d=3),
    st.integers(1, 4),
    st.sampled_from(["relocate", "keep", "fail"]),
    st.sampled_from([1, 3, 5, 300]),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_starts_are_those_that_know_of_no_other(X, k, empty, max_iter, steps, seed):
    if use_paths(*X.shape, k):
        random = np.random.default_rng(seed)
        first = X[random.integers(0, len(X), size=(40, k))]
        first[::7] += random.integers(0, 2, size=(len(first[::7]), 1, 1)) * 3.0 * np.ptp(X)
        check(X, first, steps, empty=empty, max_iter=max_iter)


@pytest.mark.parametrize("steps", [False, True])
@pytest.mark.parametrize("max_iter", [4, 300])
def test_starts_on_iris_join_and_are_as_alone(iris2, steps, max_iter):
    known = check(iris2, iris_starts(iris2, 2000), steps, max_iter=max_iter)
    assert (known.paths.left > 0).sum() > 100
    assert np.isfinite(known.paths.inertia).sum() >= 4
    assert (known.tracks.used[0] > 50) == steps


def test_sampled_silhouettes_are_those_of_starts_alone(iris2):
    for steps in (False, True):
        check(iris2, iris_starts(iris2, 300), steps, silhouette="sampled")


def test_steps_are_not_looked_for_where_outcomes_only_were_kept(iris2):
    first, ready = iris_starts(iris2, 300), prepare(iris2, "exact")
    known = nothing_known(ready, 3)
    for steps in (False, True, False, True):
        run_batch(ready, first, steps=steps, known=known)
        joined = run_batch(ready, first, known=known)
        expected = run_batch(ready, first, known=nothing_known(ready, 3))
        for column in SAME + STEPS:
            np.testing.assert_array_equal(getattr(joined, column), getattr(expected, column))


def test_a_full_room_keeps_no_more_steps(iris2):
    first, ready = iris_starts(iris2, 200), prepare(iris2, "exact")
    known = nothing_known(ready, 3)
    room = len(known.tracks.moved)
    known.tracks.used[0] = room - 100
    joined = run_batch(ready, first, known=known)
    expected = run_batch(ready, first, known=nothing_known(ready, 3))
    assert room - 100 < known.tracks.used[0] <= room
    for column in SAME + STEPS:
        np.testing.assert_array_equal(getattr(joined, column), getattr(expected, column))


def iris_starts(X, count):
    """First centers (count, 3, 2) of the first seeds."""
    return np.stack([X[np.random.default_rng(s).choice(150, 3, False)] for s in range(count)])


def test_labels_may_change_where_no_center_does_and_none_may_join_there():
    """Four points between four centers: all change sides, every mean stays.

    Who comes to these centers with the first labels takes a step more than who comes with the last.
    """
    centers = [[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0]]
    X = frozen(np.array([*centers, [1.0, -1.0], [3.0, 1.0], [1.0, 3.0], [-1.0, 1.0]]))
    away = [[0.5, 0.5], [1.5, 1.5], *centers[2:]]
    first = np.array([away, centers, centers, away])
    check(X, first, steps=True)
    check(X, first, steps=False)
    both = run_batch(prepare(X), first[:2])
    assert both.n_iter.tolist() == [3, 2]
    assert both.step_moved.tolist() == [8, 4, 0, 8, 0]
    np.testing.assert_array_equal(both.step_centers[1], both.step_centers[2])


def test_the_first_step_after_joining_counts_what_it_changes():
    # Other labels before it may lead to the same centers, so the count kept is not this start's.
    tracks = new_tracks(n=4, d=1, k=2)
    tracks.moved[:3] = 9, 1, 0
    tracks.labels[:3] = [[0, 0, 1, 1], [0, 1, 1, 1], [0, 1, 1, 1]]
    tracks.follower[:2] = 1, 2
    steps = Steps(*(np.zeros((4, *shape), kind) for shape, kind in ROWS))
    steps.step_labels[0] = [1, 0, 1, 0]
    retrace(tracks, 0, steps, 1, 3)
    assert steps.step_moved.tolist() == [0, 2, 1, 0]
    np.testing.assert_array_equal(steps.step_labels[1:], tracks.labels[:3])
