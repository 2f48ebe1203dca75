"""Metrics: agreement with definitions counted pair by pair, and with scikit-learn."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.kernels.records import prepare
from kmeans_lab.metrics import METRICS, adjusted_rand, inertia, silhouette

labelings = st.integers(1, 30).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 5), min_size=n, max_size=n)] * 2)
)


def pairwise_rand(labels, truth):
    """Hubert & Arabie's index, every pair of points looked at."""
    pairs = list(combinations(range(len(labels)), 2))
    ours = sum(labels[i] == labels[j] for i, j in pairs)
    theirs = sum(truth[i] == truth[j] for i, j in pairs)
    both = sum(labels[i] == labels[j] and truth[i] == truth[j] for i, j in pairs)
    if both == ours == theirs:
        return 1.0
    expected = ours * theirs / len(pairs)
    return (both - expected) / ((ours + theirs) / 2 - expected)


@given(labelings)
def test_adjusted_rand_is_the_index_counted_pair_by_pair(pair):
    assert adjusted_rand(*pair) == pytest.approx(pairwise_rand(*pair), abs=1e-14)


@given(labelings)
def test_adjusted_rand_is_scikit_learns(pair):
    assert adjusted_rand(*pair) == pytest.approx(adjusted_rand_score(*pair), abs=1e-15)


@pytest.mark.parametrize(
    ("labels", "truth", "index"),
    [
        ([0], [5], 1.0),
        ([0, 0, 0], [7, 7, 7], 1.0),
        ([0, 1, 2], [2, 0, 1], 1.0),
        ([0, 0, 0], [0, 1, 2], 0.0),
        ([0, 0, 0, 0], [0, 0, 1, 1], 0.0),
        ([0, 0, 1, 1], [0, 1, 0, 1], -0.5),
    ],
)
def test_adjusted_rand_where_partitions_degenerate(labels, truth, index):
    assert adjusted_rand(labels, truth) == index
    assert adjusted_rand(truth, labels) == index


def test_adjusted_rand_takes_any_names_and_types(rng):
    labels, truth = rng.integers(0, 4, size=(2, 60))
    expected = adjusted_rand(labels, truth)
    assert adjusted_rand(labels.astype(np.uint16), truth - 3) == expected
    assert adjusted_rand(labels, np.array(list("wxyz"))[truth]) == expected
    assert adjusted_rand(labels * 10**12, truth * 70_000) == expected


def test_adjusted_rand_stays_exact_where_everyone_is_alone():
    n = 3000  # n² cells of a table are more than are counted densely
    assert adjusted_rand(np.arange(n), np.arange(n)[::-1]) == 1.0
    assert adjusted_rand(np.arange(n), np.zeros(n, int)) == 0.0


def test_adjusted_rand_of_many_points_does_not_overflow(rng):
    labels = np.repeat([0, 1], 200_000)
    truth = np.where(rng.random(labels.size) < 0.9, labels, 1 - labels)
    assert adjusted_rand(labels, truth) == pytest.approx(adjusted_rand_score(labels, truth))


def test_inertia_is_the_outcomes_to_the_bit(iris2):
    batch = run_batch(prepare(iris2), iris2[None, [0, 60, 120]])
    assert inertia(iris2, batch.centers[0], batch.labels[0]) == batch.inertia[0]
    assert silhouette(iris2, batch.centers[0], batch.labels[0]) == pytest.approx(
        batch.silhouette[0], abs=1e-12
    )


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_says_which_way_is_better(name, iris2):
    metric = METRICS[name]
    truth = np.repeat([0, 1, 2], 50)
    wrong = np.roll(truth, 25)
    means = np.array([iris2[truth == c].mean(axis=0) for c in range(3)])
    good, bad = {
        "start": ((iris2, means, truth), (iris2, means, wrong)),
        "partitions": ((truth, truth), (wrong, truth)),
    }[metric.of]
    difference = metric.function(*good) - metric.function(*bad)
    assert difference > 0 if metric.better == "higher" else difference < 0
    assert metric.source
