"""Whole starts on the data that the benchmarks use: every way to the labels gives the twin's."""

import numpy as np
import pytest

import naive
from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.kernels.methods import BOXED, CERTIFIED, PLAIN, method
from kmeans_lab.kernels.records import prepare


def plane(rng, n, k):
    """n normal points around each of k × k places."""
    places = np.stack(np.meshgrid(np.arange(k), np.arange(k)), axis=-1).reshape(-1, 1, 2) * 6.0
    return (places + rng.normal(size=(k * k, n, 2))).reshape(-1, 2)


def file_or(reference, name, data):
    path = reference / name if reference else None
    return np.loadtxt(path, delimiter=",", ndmin=2)[:, :2] if path and path.exists() else data


@pytest.fixture
def shared(request):
    """Folder of the reference data, or None where it is missing."""
    folder = request.config.rootpath.parent / "shared" / "data"
    return folder if folder.is_dir() else None


def digits():
    from sklearn.datasets import load_digits

    return load_digits().data


def check(X, k, steps, wanted, seeds=1):
    """A start's labels, centers and inertia of each step are the naive twin's."""
    assert method(*X.shape, k) == wanted
    ready = prepare(X, "none")
    for seed in range(seeds):
        first = X[np.random.default_rng(seed).choice(len(X), size=k, replace=False)]
        made = run_batch(ready, first[None], max_iter=steps)
        ref = naive.lloyd(X, first, max_iter=steps)
        assert made.n_iter[0] == len(ref["steps"])
        for step, row in zip(ref["steps"], range(made.n_iter[0]), strict=True):
            assert (made.step_labels[row] == step["labels"]).all()
            assert (made.step_centers[row] == step["centers"]).all()
            assert made.step_inertia[row] == step["inertia"]
        assert (made.labels[0] == ref["labels"]).all()
        assert made.inertia[0] == ref["inertia"]


def test_iris(iris2):
    check(iris2, 3, 300, PLAIN, seeds=20)


def test_s1(shared, rng):
    check(file_or(shared, "s1.csv", plane(rng, 312, 4)), 15, 300, BOXED, seeds=3)


def test_birch1(shared, rng):
    check(file_or(shared, "birch1.csv", plane(rng, 1000, 10)), 100, 12, BOXED)


def test_digits():
    check(digits(), 10, 300, CERTIFIED, seeds=2)


def test_blobs_of_16_features(rng):
    centers = rng.uniform(-10, 10, size=(64, 16))
    X = centers[rng.integers(64, size=20_000)] + 4.0 * rng.normal(size=(20_000, 16))
    check(X, 64, 8, CERTIFIED)


def test_three_features(rng):
    check(rng.normal(size=(3000, 3)) * [1.0, 5.0, 0.2], 20, 60, BOXED)


def test_one_feature(rng):
    check(rng.normal(size=(2000, 1)), 9, 200, BOXED)
