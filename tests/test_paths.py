"""A start that joins the way of an earlier one has the outcome that it would have alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmeans_lab.kernels.lloyd import nothing_known, prepare, run_batch
from kmeans_lab.kernels.paths import use_paths
from strategies import points

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


def check(X, first, **rules):
    """Every start of a batch without steps ends as it does where all its steps are made."""
    ready = prepare(X, "exact")
    assert use_paths(*X.shape, first.shape[1])
    known = nothing_known(ready, first.shape[1])
    for half in np.array_split(first, 2):  # the second joins ways that the first batch left
        joined = run_batch(ready, half, steps=False, labels="none", known=known, **rules)
        alone = run_batch(ready, half, steps=True, **rules)
        for column in SAME:
            np.testing.assert_array_equal(getattr(joined, column), getattr(alone, column), column)
    return known.paths


@settings(max_examples=150)
@given(
    points(min_n=4, max_d=3),
    st.integers(1, 4),
    st.sampled_from(["relocate", "keep", "fail"]),
    st.sampled_from([1, 3, 5, 300]),
    st.integers(0, 2**32 - 1),
)
def test_outcomes_are_those_of_starts_alone(X, k, empty, max_iter, seed):
    if use_paths(*X.shape, k):
        random = np.random.default_rng(seed)
        first = X[random.integers(0, len(X), size=(60, k))]
        first[::7] += random.integers(0, 2, size=(len(first[::7]), 1, 1)) * 3.0 * np.ptp(X)
        check(X, first, empty=empty, max_iter=max_iter)


@pytest.mark.parametrize("max_iter", [4, 300])
def test_starts_on_iris_join_and_end_alike(iris2, max_iter):
    seeds = range(4000)
    first = np.stack([iris2[np.random.default_rng(s).choice(150, 3, replace=False)] for s in seeds])
    paths = check(iris2, first, max_iter=max_iter)
    assert (paths.left > 0).sum() > 200
    assert np.isfinite(paths.inertia).sum() >= 4


@pytest.mark.parametrize("silhouette", ["exact", "sampled"])
def test_silhouettes_are_those_of_starts_that_know_of_no_other(iris2, silhouette):
    first = np.stack([iris2[np.random.default_rng(s).choice(150, 3, False)] for s in range(300)])
    ready = prepare(iris2, silhouette)
    known = nothing_known(ready, 3)
    run_batch(ready, first, steps=False, known=known)
    joined = run_batch(ready, first, steps=False, known=known)
    assert (known.paths.left > 0).any()
    for r in range(300):
        alone = run_batch(ready, first[r : r + 1], steps=False, known=nothing_known(ready, 3))
        for column in SAME:
            expected, found = getattr(alone, column), getattr(joined, column)[r : r + 1]
            np.testing.assert_array_equal(found, expected, column)
