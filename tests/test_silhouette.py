"""The silhouette is the definition's, exact or an estimate that says so."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive
from kmeans_lab.kernels import targets as room
from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.kernels.records import prepare
from kmeans_lab.metrics import silhouette_score
from strategies import points


@settings(max_examples=150)
@given(points(min_n=2), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_silhouette_is_its_naive_twin(X, k, seed):
    labels = np.random.default_rng(seed).integers(k, size=len(X))
    ref, comp = naive.silhouette(X, labels), silhouette_score(X, labels)
    assert comp == pytest.approx(ref, abs=1e-10, nan_ok=True)


def test_points_alone_score_zero():
    # Worked by hand: 0.9, 8/9 and, for the single point, 0.
    assert silhouette_score([[0.0], [0.1], [1.0]], [0, 0, 1]) == pytest.approx((0.9 + 8 / 9) / 3)


@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 1, 2]])
def test_undefined_is_nan(labels):
    assert math.isnan(silhouette_score([[0.0], [1.0], [2.0]], labels))


def test_duplicates_split_in_two_score_zero():
    assert silhouette_score(np.ones((10, 2)), [0, 1] * 5) == 0.0


def test_an_offset_of_1e8_changes_nothing(rng):
    X = np.concatenate([rng.integers(0, 64, size=(30, 2)), rng.integers(500, 564, size=(30, 2))])
    labels = np.repeat([0, 1], 30)
    here = silhouette_score(X, labels)
    assert silhouette_score(X + 1e8, labels) == pytest.approx(here, abs=1e-10)


def test_computed_in_blocks_or_from_the_matrix_it_is_the_same(rng, monkeypatch):
    X = rng.normal(size=(400, 3))
    labels = rng.integers(4, size=400)
    stored = silhouette_score(X, labels)
    monkeypatch.setattr(room, "SMALL", 10)
    assert silhouette_score(X, labels) == stored


def test_an_estimate_says_its_error_and_keeps_to_it(rng):
    X = np.concatenate([rng.normal(c, 1.0, size=(1000, 2)) for c in (0.0, 4.0, 9.0)])
    first = X[[0, 1000, 2000]][None]
    exact = run_batch(prepare(X, "exact"), first)
    sampled = run_batch(prepare(X, "sampled"), first)
    assert np.isnan(exact.step_silhouette_se).all()
    assert (sampled.step_silhouette_se > 0).all()
    off = np.abs(sampled.step_silhouette - exact.step_silhouette)
    assert (off < 5 * sampled.step_silhouette_se).all()
    assert (sampled.step_silhouette_se < 0.03).all()


def test_a_sample_that_is_everything_has_no_error(iris2):
    batch = run_batch(prepare(iris2, "sampled"), iris2[[0, 60, 120]][None])
    assert (batch.step_silhouette_se == 0).all()


def test_no_silhouette_is_null(iris2):
    batch = run_batch(prepare(iris2, "none"), iris2[[0, 60, 120]][None])
    assert np.isnan(batch.step_silhouette).all()
