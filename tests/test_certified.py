"""Labels found in float32 are those of the law, whatever the data and however the centers move."""

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.datasets import load_digits

import naive
from kmeans_lab.kernels._jit import frozen, warm
from kmeans_lab.kernels.certified import assign_certified
from kmeans_lab.kernels.distance import nearest
from kmeans_lab.kernels.single import fast, workspace
from strategies import sequences


class Certified:
    """One data set and k, step after step, as a start of the lab uses it."""

    def __init__(self, X, k):
        warm()
        self.XT = frozen(np.ascontiguousarray(X.T))
        self.fast = fast(X)
        self.work = workspace(*X.shape, k)

    def __call__(self, centers, fresh=False):
        labels = np.full(self.XT.shape[1], 12345, np.uint16)
        arguments = (self.XT, self.fast, self.work, np.ascontiguousarray(centers, dtype=float))
        assign_certified(*arguments, fresh, labels)
        return labels


def check(X, sequence):
    """Labels equal the twin's at every step, of the first start and of a second one after it."""
    step = Certified(X, len(sequence[0]))
    for _ in range(2):
        for t, centers in enumerate(sequence):
            np.testing.assert_array_equal(step(centers, t == 0), naive.assign(X, centers)[0])


@settings(max_examples=400)
@given(sequences(max_n=70, max_d=5))
def test_labels_are_those_of_the_law(problem):
    check(*problem)


@pytest.mark.parametrize("scale", [2.0**-400, 2.0**-30, 1.0, 2.0**400])
@pytest.mark.parametrize("offset", [0.0, 1.0, 1e8])
@pytest.mark.parametrize("d", [1, 4, 33])
def test_points_on_bisectors_and_beside_them(rng, scale, offset, d):
    centers = rng.integers(-8, 9, size=(9, d)).astype(float)
    pairs = rng.integers(9, size=(300, 2))
    middle = (centers[pairs[:, 0]] + centers[pairs[:, 1]]) / 2
    step = rng.integers(-2, 3, size=middle.shape)
    beside = middle.copy()
    for direction in (-1, 1):
        toward = np.nextafter(beside, direction * np.inf)
        beside = np.where(step * direction > 0, toward, beside)
    X = (np.vstack([middle, beside]) + offset) * scale
    first = (centers + offset) * scale
    mean = naive.update(X, naive.assign(X, first)[0], first)
    check(X, [first, np.nextafter(first, np.inf), first[::-1], mean])


def test_centers_that_float32_cannot_tell_apart(rng):
    X = rng.normal(size=(500, 6))
    one = rng.normal(size=6)
    centers = one + rng.normal(size=(12, 6)) * 1e-12
    check(X, [centers, np.nextafter(centers, 9.0), centers + 1e-13])


def test_magnitudes_that_float32_does_not_hold(rng):
    X = rng.normal(size=(200, 5)) * 10.0 ** rng.integers(-150, 145, size=(200, 5))
    X[0, 0] = 1e145
    centers = X[rng.choice(200, 9)]
    check(X, [centers, X[rng.choice(200, 9)], centers * 0.5, np.full((9, 5), 1e145), -centers])


@pytest.mark.parametrize("distance", [1e11, 1e15, 1e18, 1e30, 1e140])
def test_all_centers_are_far_away(rng, distance):
    X = rng.normal(size=(100, 4))
    centers = rng.normal(size=(5, 4)) * distance
    check(X, [centers, centers * 0.7, X[:5], centers])


def test_denormal_differences(rng):
    X = rng.normal(size=(200, 4)) * 1e-145
    X[:100] += 1e-300 * rng.normal(size=(100, 4))
    X[100:] = rng.integers(-9, 9, size=(100, 4)) * 5e-324
    X[0] = 1e-144
    centers = X[rng.choice(200, 17)]
    check(X, [centers, centers * (1 + 1e-15), np.zeros_like(centers), centers])


@pytest.mark.parametrize("value", [0.0, 3.0, 1e145, 5e-324])
def test_equal_points(value):
    X = np.full((40, 3), value)
    centers = np.array([[1.0, 2, 3], [value] * 3, [value] * 3, [0, 0, 0]])
    check(X, [centers, centers * 2, centers[:, ::-1]])


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13, 41, 300])
def test_every_width_of_groups(rng, k):
    X = rng.normal(size=(333, 7))
    check(X, [X[rng.choice(333, k)] + shift for shift in (0, 0, 1e-3, 0.5)])


def lloyd(X, k, seed, limit):
    """Labels along one start, found in float32 and by the strict kernel, until they settle."""
    step = Certified(X, k)
    centers = X[np.random.default_rng(seed).choice(len(X), k, replace=False)]
    strict = np.zeros(len(X), np.uint16)
    for t in range(limit):
        before = strict
        strict = nearest(X, centers)[0]
        yield step(centers, t == 0), strict
        if t > 0 and (before == strict).all():
            return
        sums = np.stack([np.bincount(strict, x, k) for x in X.T], axis=1)
        counts = np.bincount(strict, minlength=k)[:, None]
        centers = np.where(counts > 0, sums / np.maximum(counts, 1), centers)


@pytest.mark.parametrize("seed", range(3))
def test_digits_to_the_end(seed):
    steps = list(lloyd(load_digits().data, 10, seed, 100))
    assert 5 < len(steps) < 100
    for found, strict in steps:
        np.testing.assert_array_equal(found, strict)


def test_many_centers_in_many_points_to_the_end(rng):
    centers = rng.normal(size=(64, 16))
    X = centers[rng.integers(64, size=6000)] + rng.normal(size=(6000, 16))
    for found, strict in lloyd(X, 64, 0, 60):
        np.testing.assert_array_equal(found, strict)
