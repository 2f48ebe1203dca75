"""The laws of one start, held against the naive twin and worked cases."""

import hashlib
import math
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive
from kmeans_lab.kernels import methods
from kmeans_lab.kernels.batch import _buffer, run_batch
from kmeans_lab.kernels.lloyd import STATUS
from kmeans_lab.kernels.records import Rules, prepare
from strategies import problems

EMPTY_RULES = st.sampled_from(["relocate", "keep", "fail"])


def random_starts(X, k, seeds):
    return np.stack(
        [X[np.random.default_rng(s).choice(len(X), size=k, replace=False)] for s in seeds]
    )


def check_equal(X, centers, batch, start, **rules):
    """Every label, center, inertia and count of the start equals the twin's to the bit."""
    ref = naive.lloyd(X, centers, **rules)
    rows = slice(batch.step_counts[:start].sum(), batch.step_counts[: start + 1].sum())
    assert STATUS[batch.status[start]] == ref["status"]
    assert batch.n_iter[start] == len(ref["steps"])
    assert batch.relocations[start] == ref["relocations"]
    assert batch.step_inertia[rows].tolist() == [s["inertia"] for s in ref["steps"]]
    assert batch.step_moved[rows].tolist() == [s["moved"] for s in ref["steps"]]
    assert (batch.step_labels[rows] == [s["labels"] for s in ref["steps"]]).all()
    assert (batch.step_centers[rows] == [s["centers"] for s in ref["steps"]]).all()
    assert batch.initial_inertia[start] == ref["steps"][0]["inertia"]
    if ref["status"] == "empty_cluster":
        assert math.isnan(batch.inertia[start])
        assert np.isnan(batch.centers[start]).all()
    else:
        assert batch.inertia[start] == ref["inertia"]
        assert (batch.labels[start] == ref["labels"]).all()
        assert (batch.centers[start] == ref["centers"]).all()


@settings(max_examples=500)
@given(
    problems(),
    EMPTY_RULES,
    st.sampled_from([1, 2, 15, 300]),
    st.sampled_from([0, 0, 1e-4, 0.1]),
    st.sampled_from([1, 10**6]),
)
def test_a_start_is_its_naive_twin(problem, empty, max_iter, tol, smallest):
    X, centers = problem
    rules = {"empty": empty, "max_iter": max_iter, "tol": tol}
    # Small data take the plain way, unless the others are told to take any.
    with patch.multiple(methods, SMALLEST_BOXED=smallest, SMALLEST_CERTIFIED=smallest):
        batch = run_batch(prepare(X, "none"), centers[None], **rules)
    check_equal(X, centers, batch, 0, **rules)


@pytest.mark.parametrize("d", [1, 2, 3, 5, 16])
@pytest.mark.parametrize("empty", ["relocate", "keep"])
def test_empty_clusters_of_larger_data_are_the_twins(rng, d, empty):
    X = np.concatenate([rng.normal(size=(400, d)), rng.integers(0, 3, size=(300, d)).astype(float)])
    first = X[rng.integers(0, 700, size=(6, 12))]
    first[:, 3:6] = first[:, :3]
    first[3:, 7] += 1e4
    batch = run_batch(prepare(X, "none"), first, empty=empty)
    for start in range(6):
        check_equal(X, first[start], batch, start, empty=empty)
    assert empty == "keep" or (batch.relocations >= 3).all()


@pytest.mark.parametrize("d", [1, 2, 3])
def test_relocation_in_several_groups_of_boxes_is_the_twins(rng, d):
    X = rng.integers(-9, 10, size=(3000, d)).astype(float)  # many points are equally far
    first = X[rng.integers(0, 3000, size=(3, 12))]
    first[:, 3:6] = first[:, :3]  # empty from the first step on
    first[1:, 7] += 1e4
    first[2, 8:] = X[0] + 20 * np.arange(4)[:, None]  # and from later ones
    ready = prepare(X, "none")
    assert len(ready.boxes.low) == 3
    batch = run_batch(ready, first, max_iter=12)
    for start in range(3):
        check_equal(X, first[start], batch, start, max_iter=12)
    assert (batch.relocations >= 3).all()


@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_a_relocated_point_is_looked_at_again_though_no_center_moved(d):
    X = np.zeros((600, d))
    batch = run_batch(prepare(X, "none"), np.zeros((1, 2, d)))
    # Each step gives every point to center 0, and center 1 takes the first.
    assert STATUS[batch.status[0]] == "cycle"
    assert batch.relocations[0] == batch.n_iter[0] == 2
    check_equal(X, np.zeros((2, d)), batch, 0)


@settings(max_examples=100)
@given(problems(), EMPTY_RULES)
def test_labels_of_a_finished_start_are_the_nearest_centers(problem, empty):
    X, centers = problem
    batch = run_batch(prepare(X, "none"), centers[None], empty=empty, max_iter=20)
    if STATUS[batch.status[0]] != "empty_cluster":
        labels, distances = naive.assign(X, batch.centers[0])
        assert (batch.labels[0] == labels).all()
        assert batch.inertia[0] == math.fsum(distances)


@settings(max_examples=60)
@given(problems(min_n=2), st.integers(1, 4))
def test_what_is_recorded_changes_nothing(problem, max_iter):
    X, centers = problem
    full = run_batch(prepare(X), centers[None], max_iter=max_iter)
    brief = run_batch(prepare(X), centers[None], max_iter=max_iter, steps=False, labels="none")
    for column in ("status", "n_iter", "initial_inertia", "inertia", "silhouette", "labels"):
        np.testing.assert_array_equal(getattr(full, column), getattr(brief, column))
    assert brief.step_inertia.size == 0


def test_starts_of_a_batch_do_not_know_each_other(iris2):
    first = random_starts(iris2, 3, range(40))
    together = run_batch(prepare(iris2), first)
    for r in range(0, 40, 7):
        alone = run_batch(prepare(iris2), first[r : r + 1])
        rows = slice(together.step_counts[:r].sum(), together.step_counts[: r + 1].sum())
        assert (alone.step_labels == together.step_labels[rows]).all()
        assert (alone.step_silhouette == together.step_silhouette[rows]).all()
        assert alone.inertia[0] == together.inertia[r]


def test_iris_seeds_7_and_128_are_the_notebooks_case(iris2):
    first = random_starts(iris2, 3, [7, 128])
    short = run_batch(prepare(iris2), first, max_iter=15)
    assert [STATUS[s] for s in short.status] == ["max_iter", "max_iter"]
    assert short.n_iter.tolist() == [15, 15]
    long = run_batch(prepare(iris2), first, max_iter=300)
    assert [STATUS[s] for s in long.status] == ["converged", "converged"]
    assert long.n_iter.tolist() == [19, 18]
    np.testing.assert_allclose(long.inertia, 37.08627025, atol=5e-9)


def test_more_steps_than_a_buffer_holds_are_all_kept(iris2):
    first = random_starts(iris2, 3, range(600))
    batch = run_batch(prepare(iris2, "none"), first)
    assert batch.step_counts.sum() == len(batch.step_inertia) > 4096
    check_equal(iris2, first[599], batch, 599)


def test_a_buffer_is_bounded_and_where_it_is_small_nothing_is_lost(iris2, monkeypatch):
    wide = prepare(np.arange(200_000.0).reshape(-1, 2), "none")
    rules = Rules(3, -1.0, 0, 0, False, True, True)
    assert sum(column.nbytes for column in _buffer(wide, np.zeros((1, 3, 2)), rules)) < 70e6
    first = random_starts(iris2, 3, range(50))
    wanted = run_batch(prepare(iris2), first)
    monkeypatch.setattr("kmeans_lab.kernels.batch.BUFFER", 1)  # a longest start is all it holds
    for column, found in zip(wanted, run_batch(prepare(iris2), first), strict=True):
        np.testing.assert_array_equal(column, found)


def test_duplicate_first_centers_are_relocated_never_nan(iris2):
    first = np.stack([iris2[[101, 142, 0]]])
    assert (first[0, 0] == first[0, 1]).all()
    batch = run_batch(prepare(iris2), first)
    assert batch.relocations[0] >= 1
    assert np.isfinite(batch.step_centers).all()
    assert STATUS[batch.status[0]] == "converged"


def test_relocation_takes_the_farthest_point_of_a_larger_cluster():
    X = np.array([[0.0], [1.0], [2.0], [10.0]])
    batch = run_batch(prepare(X), np.array([[[0.0], [50.0], [60.0]]]), max_iter=1)
    # All four start in cluster 0; cluster 1 takes 10, cluster 2 the next farthest, 2.
    assert batch.step_labels[0].tolist() == [0, 0, 2, 1]
    assert batch.relocations[0] == 2
    assert batch.step_inertia[0] == 105.0  # before the relocation


def test_four_corners_and_two_far_centers_end_consistent():
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    first = np.array([[[0.5, 0.5], [1e6, 1e6], [-1e6, 1e6]]])
    batch = run_batch(prepare(X), first)
    labels, _ = naive.assign(X, batch.centers[0])
    assert (batch.labels[0] == labels).all()
    check_equal(X, first[0], batch, 0)


def test_a_start_that_returns_to_an_earlier_partition_is_a_cycle():
    X = np.zeros((3, 1))
    batch = run_batch(prepare(X), np.zeros((1, 2, 1)))
    assert STATUS[batch.status[0]] == "cycle"
    assert batch.n_iter[0] == 2


def test_keep_leaves_an_empty_center_where_it_was_and_fail_says_so():
    X = np.array([[0.0], [1.0]])
    first = np.array([[[0.0], [9.0]]])
    kept = run_batch(prepare(X), first, empty="keep")
    assert kept.centers[0].ravel().tolist() == [0.5, 9.0]
    failed = run_batch(prepare(X), first, empty="fail")
    assert STATUS[failed.status[0]] == "empty_cluster"
    assert math.isnan(failed.inertia[0])
    assert failed.n_iter[0] == 1


def test_equal_partitions_have_equal_keys_and_others_do_not(iris2):
    batch = run_batch(prepare(iris2, "none"), random_starts(iris2, 3, range(200)))
    names = {}
    for labels, key in zip(batch.labels, batch.keys.tolist(), strict=True):
        _, first, renamed = np.unique(labels, return_index=True, return_inverse=True)
        names.setdefault(np.argsort(np.argsort(first))[renamed].tobytes(), set()).add(tuple(key))
    assert {len(keys) for keys in names.values()} == {1}
    assert len(set.union(*names.values())) == len(names) >= 4


@pytest.mark.parametrize("shift", [2.0**20, -(2.0**27)])
def test_a_shift_of_the_data_that_is_exact_changes_no_label(rng, shift):
    X = rng.integers(0, 1000, size=(200, 3)).astype(float)
    first = random_starts(X, 5, range(20))
    here = run_batch(prepare(X, "none"), first)
    there = run_batch(prepare(X + shift, "none"), first + shift)
    assert (here.step_labels == there.step_labels).all()


def test_one_digest_of_iris_starts_on_every_machine(iris2):
    batch = run_batch(prepare(iris2), random_starts(iris2, 3, range(1000)))
    digest = hashlib.sha256()
    labels = batch.step_labels.astype(np.uint16)
    for part in (labels, batch.step_centers, batch.step_inertia):
        digest.update(np.ascontiguousarray(part).tobytes())
    assert digest.hexdigest()[:16] == "44a31f1150d7370c"
