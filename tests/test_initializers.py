"""First centers: the draws that are promised, the distributions they give, the naive twins."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

import naive
from kmeans_lab.kernels.distance import BLOCK
from kmeans_lab.kernels.first_centers import draw
from kmeans_lab.kernels.initializers import INITIALIZERS
from strategies import points

NAMES = sorted(INITIALIZERS)
BY_DISTANCE = ["greedy-k-means++", "k-means++", "maximin"]
SEEDS = st.integers(0, 2**63 - 1)
SMALL = np.array([[0.0], [1.0], [3.0], [3.5], [9.0], [10.0]])


def first_centers(name, X, k, seed):
    return INITIALIZERS[name].function(X, k, np.array([seed]))[0]


def twins(name, X, k, seeds):
    """Centers of a batch, and those of its starts one by one with NumPy's generator."""
    function = INITIALIZERS[name].function
    twin = getattr(naive, function.__name__)
    ref = np.array([twin(X, k, np.random.default_rng(seed)) for seed in seeds])
    return ref, function(frozen(X), k, np.array(seeds))


def frozen(X):
    X = np.ascontiguousarray(X)
    X.setflags(write=False)
    return X


@pytest.mark.parametrize("name", NAMES)
def test_an_initializer_is_its_naive_twin(name):
    @settings(max_examples=100)
    @given(points(), st.data(), st.lists(SEEDS, min_size=1, max_size=3))
    def check(X, data, seeds):
        k = data.draw(st.integers(1, len(X)))
        ref, comp = twins(name, X, k, seeds)
        assert ref.tobytes() == comp.tobytes()

    check()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 7])
def test_points_in_several_blocks_are_treated_as_in_one(name, n, rng):
    for X in (rng.normal(size=(n, 3)), rng.integers(0, 12, size=(n, 2)).astype(float)):
        ref, comp = twins(name, X, 7, range(3))
        assert ref.tobytes() == comp.tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_a_start_does_not_depend_on_the_others_of_its_batch(name, iris2):
    function, seeds = INITIALIZERS[name].function, np.array([5, 2**40, 0, 5])
    batch = function(iris2, 8, seeds)
    alone = [function(iris2, 8, seeds[i : i + 1])[0] for i in range(4)]
    assert batch.tobytes() == np.array(alone).tobytes()
    assert function(iris2, 8, seeds[:0]).shape == (0, 8, 2)


@pytest.mark.parametrize("name", NAMES)
def test_centers_are_finite_new_and_leave_the_data_alone(name):
    for X in (SMALL, np.ones((5, 3)), np.array([[2.0, 1.0]]), np.repeat(SMALL, 3, axis=0)):
        for k in {1, len(X)}:
            before = X.tobytes()
            centers = first_centers(name, X, k, seed=3)
            assert centers.shape == (k, X.shape[1])
            assert centers.dtype == np.float64
            assert np.isfinite(centers).all()
            assert not np.shares_memory(centers, X)
            assert X.tobytes() == before


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_its_centers_and_another_seed_others(name):
    X = np.random.default_rng(0).normal(size=(40, 2))
    results = [first_centers(name, X, 4, seed).tobytes() for seed in range(20)]
    assert results == [first_centers(name, X, 4, seed).tobytes() for seed in range(20)]
    assert len(set(results)) > 10


@pytest.mark.parametrize("name", NAMES)
def test_the_registry_tells_source_cost_and_draws(name):
    entry = INITIALIZERS[name]
    assert not entry.deterministic
    assert "section" in entry.source
    assert entry.cost.startswith("O(n")
    assert entry.draws


def test_random_is_the_line_of_numpy_that_anyone_can_check(iris2):
    for seed in range(50):
        expected = iris2[np.random.default_rng(seed).choice(150, size=3, replace=False)]
        assert (first_centers("random", iris2, 3, seed) == expected).all()


def test_a_random_partition_has_the_mean_of_the_data_for_k_1(iris2):
    center = first_centers("random-partition", iris2, 1, seed=0)
    assert center.tolist() == [[math.fsum(column) / 150 for column in iris2.T]]


def test_a_random_partition_gives_empty_clusters_points_of_the_data():
    X = SMALL[:3]
    for seed in range(30):
        labels = np.random.default_rng(seed).integers(3, size=3)
        centers = first_centers("random-partition", X, 3, seed)
        for c in set(range(3)) - set(labels.tolist()):
            assert centers[c] in X


@pytest.mark.parametrize("name", BY_DISTANCE)
def test_a_point_that_is_a_center_already_is_not_taken_again(name):
    @settings(max_examples=100)
    @given(points(), st.data(), SEEDS)
    def check(X, data, seed):
        distinct = len(np.unique(X, axis=0))
        k = data.draw(st.integers(1, distinct))
        assert len(np.unique(first_centers(name, X, k, seed), axis=0)) == k

    check()


def test_sampling_at_the_end_of_the_smallest_total_takes_the_point_that_has_it():
    reached = np.array([0.0, 2.0**-1074, 2.0**-1074])  # where u * total rounds to total
    assert draw(reached, 1 - 2.0**-53) == 1


def test_sampling_takes_the_first_point_whose_running_sum_exceeds_the_share():
    reached = np.array([0.0, 1.0, 1.0, 2.0, 3.0, 4.0])
    shares = (0.0, 0.2, 0.2499, 0.25, 0.3, 0.4999, 0.5, 0.7499, 0.75, 0.9999)
    assert [draw(reached, u) for u in shares] == [1, 1, 1, 3, 3, 3, 4, 4, 5, 5]


def test_maximin_takes_the_farthest_and_of_equals_the_first():
    X = np.array([[0.0], [4.0], [-4.0], [1.0]])  # from 0 both ends are equally far
    starts = [first_centers("maximin", X, 3, seed).ravel().tolist() for seed in range(20)]
    assert [0.0, 4.0, -4.0] in starts
    assert {tuple(start) for start in starts if start[0] == 0.0} == {(0.0, 4.0, -4.0)}


def chances(X, k, candidates):
    """Exact probability of every sequence of points, by going through all that can be drawn."""
    sequences = {(i,): 1 / len(X) for i in range(len(X))}
    for _ in range(k - 1):
        longer = Counter()
        for chosen, chance in sequences.items():
            weights = naive.squared(X, X[list(chosen)]).min(axis=1)
            share = weights / weights.sum()
            left = [naive.squared(X, X[[*chosen, i]]).min(axis=1).sum() for i in range(len(X))]
            for drawn in itertools.product(np.flatnonzero(share), repeat=candidates):
                best = min(drawn, key=left.__getitem__)
                longer[(*chosen, int(best))] += chance * math.prod(share[i] for i in drawn)
        sequences = longer
    return sequences


@pytest.mark.parametrize(("name", "candidates"), [("k-means++", 1), ("greedy-k-means++", 3)])
def test_points_are_drawn_as_often_as_enumeration_says(name, candidates, rng):
    draws = 20_000
    index = {x: i for i, x in enumerate(SMALL.ravel())}
    expected, seen = Counter(), Counter()
    chance = chances(SMALL, 3, candidates)
    for sequence in chance:
        expected[sequence if chance[sequence] * draws > 10 else "rare"] += chance[sequence] * draws
    for centers in INITIALIZERS[name].function(SMALL, 3, rng.integers(2**63, size=draws)):
        sequence = tuple(index[x] for x in centers.ravel())
        seen[sequence if sequence in expected else "rare"] += 1
    assert seen.keys() <= expected.keys()
    assert chisquare([seen[s] for s in expected], list(expected.values())).pvalue > 0.01


def test_greedy_draws_like_scikit_learn(rng):
    from sklearn.cluster import kmeans_plusplus

    def chosen(centers):
        return Counter(tuple(np.sort(c.ravel())) for c in centers)

    def distance(a, b):
        return sum(abs(a[s] / a.total() - b[s] / b.total()) for s in a.keys() | b.keys()) / 2

    ours, plain = (
        chosen(INITIALIZERS[name].function(SMALL, 3, rng.integers(2**63, size=50_000)))
        for name in ("greedy-k-means++", "k-means++")
    )
    theirs = chosen(kmeans_plusplus(SMALL, 3, random_state=s)[0] for s in range(2000))
    assert distance(ours, theirs) < 0.05
    assert distance(plain, theirs) > 0.1
