"""The teaching notebook's own calls, and its faults, which are gone."""

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.animation import Animation

import kmeans_lab as kl
import naive
from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.kernels.lloyd import STATUS
from kmeans_lab.kernels.records import prepare
from strategies import points

KEYS = ("phase", "iteration", "centroids", "labels", "description")


def frames_of(X, K, seed, **options):
    return kl.run_kmeans(X, K, np.random.default_rng(seed), **options)


def same(frames, others):
    assert len(frames) == len(others)
    for one, other in zip(frames, others, strict=True):
        for key in KEYS:
            np.testing.assert_array_equal(one[key], other[key])


def test_frames_are_a_list_of_mappings_with_the_notebook_s_keys(iris2):
    frames = frames_of(iris2, 3, 7)
    assert type(frames) is list
    for frame in frames:
        assert tuple(frame) == KEYS
        assert frame["centroids"].shape == (3, 2)
        assert frame["labels"].shape == (150,)
        assert (type(frame["phase"]), type(frame["description"])) == (str, str)
        assert type(frame["iteration"]) is int


@pytest.mark.parametrize(("seed", "steps"), [(7, 19), (128, 18)])
def test_the_notebook_s_case(iris2, seed, steps):
    short = frames_of(iris2, 3, seed)
    assert (len(short), short[-1]["iteration"], short[-1]["phase"]) == (31, 15, "update")
    same(short, frames_of(iris2, 3, seed, max_iter=15))
    full = frames_of(iris2, 3, seed, max_iter=300)
    assert (full[-1]["phase"], full[-1]["iteration"]) == ("converged", steps)
    same(short[:-1], full[:30])  # but for the last caption, it is the same start
    labels, distances = naive.assign(iris2, full[-1]["centroids"])
    np.testing.assert_array_equal(full[-1]["labels"], labels)
    assert f"{math.fsum(distances):.8f}" == "37.08627025"


def test_the_first_centers_are_drawn_as_the_notebook_draws_them(iris2):
    for make in (np.random.default_rng, np.random.RandomState):
        first = kl.run_kmeans(iris2, 3, make(7))[0]["centroids"]
        np.testing.assert_array_equal(first, iris2[make(7).choice(150, size=3, replace=False)])


def test_one_generator_serves_many_starts(iris2):
    rng, twin = np.random.default_rng(7), np.random.default_rng(7)
    for _ in range(3):
        first = kl.run_kmeans(iris2, 3, rng)[0]["centroids"]
        np.testing.assert_array_equal(first, iris2[twin.choice(150, size=3, replace=False)])


@settings(max_examples=60)
@given(points(), st.integers(0, 99), st.sampled_from([1, 2, 15]), st.data())
def test_frames_are_the_naive_twin_s_steps(X, seed, max_iter, data):
    K = data.draw(st.integers(1, min(len(X), 6)))
    frames = frames_of(X, K, seed, max_iter=max_iter)
    first = X[np.random.default_rng(seed).choice(len(X), size=K, replace=False)]
    ref = naive.lloyd(X, first, max_iter=max_iter)
    steps = [frame for frame in frames if frame["phase"] == "assign"]
    assert len(steps) == len(ref["steps"])
    for frame, step in zip(steps, ref["steps"], strict=True):
        np.testing.assert_array_equal(frame["centroids"], step["centers"])
        np.testing.assert_array_equal(frame["labels"], step["labels"])
    np.testing.assert_array_equal(frames[-1]["centroids"], ref["centers"])
    assert (frames[-1]["phase"] == "converged") == (ref["status"] == "converged")


@pytest.fixture(scope="module")
def emptied(iris2):
    """Seeds of Iris in which a cluster loses its last point: the notebook's centers became NaN."""
    chosen = [np.random.default_rng(s).choice(150, size=3, replace=False) for s in range(10_000)]
    batch = run_batch(prepare(iris2, "none"), iris2[np.array(chosen)], empty="fail")
    return np.flatnonzero(batch.status == STATUS.index("empty_cluster")).tolist()


def test_a_cluster_that_empties_is_filled_and_never_nan(iris2, emptied):
    assert len(emptied) > 50
    for seed in emptied[:50]:
        first = iris2[np.random.default_rng(seed).choice(150, size=3, replace=False)]
        assert naive.lloyd(iris2, first, empty="fail")["status"] == "empty_cluster"
        frames = frames_of(iris2, 3, seed, max_iter=300)
        assert frames[-1]["phase"] == "converged"
        for frame in frames[1:]:
            assert np.isfinite(frame["centroids"]).all()
            assert set(frame["labels"]) == {0, 1, 2}


def test_the_last_caption_tells_the_truth(iris2):
    cut = frames_of(iris2, 3, 7)[-1]
    assert cut["description"] == "Step 15 · update: cut off here by max_iter, not converged"
    *_, before, last = (f for f in frames_of(iris2, 3, 7, max_iter=300) if f["phase"] == "assign")
    assert last["description"] == "Step 19 · assign: no point changed cluster"
    np.testing.assert_array_equal(before["labels"], last["labels"])
    ended = frames_of(iris2, 3, 7, max_iter=300)[-1]
    assert ended["description"] == "Converged after 19 steps: no point changed cluster"
    assert frames_of(iris2, 3, 7, max_iter=19)[-1]["phase"] == "converged"


def test_centers_that_hardly_move_are_no_convergence():
    # allclose calls these two centers equal though a point changes cluster in the next step.
    X = 1e9 + np.array([[0.0], [1.0], [2.1], [4.0]])
    frames = frames_of(X, 2, next(s for s in range(99) if starts_at(X, s, [0, 1])))
    moving = [f for f in frames if f["phase"] == "update"]
    assert any(
        np.allclose(a["centroids"], b["centroids"]) and (a["labels"] != b["labels"]).any()
        for a, b in pairwise(moving)
    )
    assert frames[-1]["phase"] == "converged"


def starts_at(X, seed, rows):
    return np.random.default_rng(seed).choice(len(X), size=2, replace=False).tolist() == rows


def test_one_cluster_has_no_silhouette_but_an_animation(iris2):
    assert math.isnan(kl.silhouette_score(iris2, np.zeros(150)))
    frames = frames_of(iris2, 1, 7)
    assert [frame["phase"] for frame in frames] == [
        *("init", "assign", "update", "assign", "update", "converged")
    ]
    assert isinstance(kl.make_animation(iris2, frames, 1), Animation)


def test_the_notebook_s_two_calls_fit_together(iris2):
    frames = kl.run_kmeans(iris2, 3, np.random.default_rng(7), max_iter=15)
    anim = kl.make_animation(iris2, frames, K=3, interval_ms=900)
    assert isinstance(anim, Animation)
    same(frames, frames_of(iris2, 3, 7))  # looking at them changes nothing


LAYOUTS = {
    "integers": lambda X: (10 * X).round().astype(np.int16),
    "float32": lambda X: X.astype(np.float32),
    "big-endian": lambda X: X.astype(">f8"),
    "F-ordered": np.asfortranarray,
    "strided": lambda X: np.repeat(X, 2, axis=0)[::2],
    "reversed": lambda X: X[::-1, ::-1],
    "a list": lambda X: X.tolist(),
    "a frame": lambda X: pd.DataFrame(X, columns=["a", "b"]),
    "masked nowhere": np.ma.masked_array,
    "one feature": lambda X: X[:, :1],
    "a constant column": lambda X: np.column_stack([X[:, 0], np.ones(len(X))]),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_points_of_any_layout_give_the_same_frames(iris2, layout):
    X = LAYOUTS[layout](iris2)
    plain = np.array(X, dtype=np.float64, order="C")
    same(frames_of(X, 3, 7), frames_of(plain, 3, 7))


def test_the_caller_s_points_are_left_alone(iris2):
    X = iris2.copy()
    frames = frames_of(X, 3, 7)
    X[:] = 0
    same(frames, frames_of(iris2, 3, 7))
    assert X.flags.writeable


@pytest.mark.parametrize(
    ("X", "parts"),
    [
        ([[1.0, math.nan], [1, 2]], ["1 value", "row 0, column 1"]),
        ([[1.0, math.inf], [1, -math.inf]], ["2 values", "inf at row 0, column 1"]),
        (np.ma.masked_array([[1.0, 2], [3, 4]], [[0, 1], [0, 0]]), ["1 value masked", "(0, 1)"]),
        ([["a", "b"], ["c", "d"]], ["<U1"]),
        ([1.0, 2.0], ["shape (2,)", "X.reshape(-1, 1)"]),
        (np.zeros((0, 2)), ["shape (0, 2)"]),
        ([[1.0, 2.0], [3.0]], ["no array"]),
        (np.ones((2, 2), complex), ["complex128"]),
    ],
)
def test_points_that_cannot_be_used(X, parts):
    with pytest.raises(kl.DataError) as caught:
        frames_of(X, 1, 7)
    assert "\n" not in str(caught.value)
    assert [part for part in parts if part not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("K", "rng", "options", "parts"),
    [
        (0, np.random.default_rng(7), {}, ["K is 0", "from 1 to 150"]),
        (151, np.random.default_rng(7), {}, ["K is 151", "from 1 to 150"]),
        (2.0, np.random.default_rng(7), {}, ["K is 2.0"]),
        (True, np.random.default_rng(7), {}, ["K is True"]),
        (3, np.random.default_rng(7), {"max_iter": 0}, ["max_iter is 0", "from 1 to 1000000"]),
        (3, 7, {}, ["rng is 7", "np.random.default_rng(7)"]),
        (3, None, {}, ["rng is None"]),
    ],
)
def test_other_arguments_that_cannot_be_used(iris2, K, rng, options, parts):
    with pytest.raises(kl.SpecError) as caught:
        kl.run_kmeans(iris2, K, rng, **options)
    assert [part for part in parts if part not in str(caught.value)] == []


def test_as_many_clusters_as_points(rng):
    X = rng.normal(size=(6, 2))
    last = frames_of(X, 6, 7)[-1]
    assert last["phase"] == "converged"
    np.testing.assert_array_equal(last["centroids"][last["labels"]], X)
