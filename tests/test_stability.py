"""Agreement of starts: against scikit-learn, all pairs of starts and definitions as written."""

import math
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from kmeans_lab.metrics import adjusted_rand
from kmeans_lab.statistics import (
    agreement,
    centroid_index,
    coassociation,
    compared,
    consistency,
    mean_agreement,
    success_rate,
    wilson,
)

NAN = math.nan


def partitions(n):
    """All partitions of n points, as labels that name clusters in order of appearance."""
    for labels in product(range(n), repeat=n):
        if all(label <= max(labels[:i], default=-1) + 1 for i, label in enumerate(labels)):
            yield labels


def variation(x, y):
    """VI in nats from joint and marginal entropies, point by point."""

    def entropy(labels):
        return -np.mean([math.log(np.mean([a == b for b in labels])) for a in labels])

    return 2 * entropy(list(zip(x, y, strict=True))) - entropy(list(x)) - entropy(list(y))


def test_every_two_partitions_of_four_points():
    every = list(partitions(4))
    assert len(every) == 15
    told = agreement(every)
    for (i, x), (j, y) in product(enumerate(every), repeat=2):
        assert told.ari[i, j] == pytest.approx(adjusted_rand(x, y), abs=1e-12)
        assert told.ami[i, j] == pytest.approx(adjusted_mutual_info_score(x, y), abs=1e-9)
        assert told.vi[i, j] == pytest.approx(variation(x, y), abs=1e-12)


@pytest.mark.parametrize(("n", "k"), [(40, 3), (1000, 2), (1000, 8), (3000, 40)])
def test_agreement_is_scikit_learns(n, k, rng):
    centers = rng.integers(0, k, size=n)
    noisy = [
        np.where(rng.random(n) < p, rng.integers(0, k, size=n), centers) for p in (0.1, 0.5, 1)
    ]
    told = agreement([centers, *noisy])
    for (i, x), (j, y) in combinations(enumerate([centers, *noisy]), 2):
        assert told.ari[i, j] == pytest.approx(adjusted_rand_score(x, y), abs=1e-12)
        assert told.ami[i, j] == pytest.approx(adjusted_mutual_info_score(x, y), abs=1e-9)


def test_partitions_with_next_to_nothing_in_common_agree_as_scikit_learn_says():
    one, other = np.arange(100), np.arange(100)
    one[1], other[3] = 0, 2  # all alone but for one pair
    assert agreement([one, other]).ami[0, 1] == pytest.approx(
        adjusted_mutual_info_score(one, other), abs=1e-9
    )
    assert agreement([one, other]).ari[0, 1] == pytest.approx(
        adjusted_rand_score(one, other), abs=1e-12
    )


def test_variation_of_information_is_a_metric(rng):
    vi = agreement(rng.integers(0, 4, size=(12, 30))).vi
    assert (vi == vi.T).all()
    assert (np.diag(vi) < 1e-12).all()
    assert (vi[:, :, None] <= vi[:, None] + vi.T[None] + 1e-12).all()


STARTS = st.tuples(
    st.lists(st.lists(st.integers(0, 2), min_size=6, max_size=6), min_size=1, max_size=4),
    st.lists(st.integers(1, 3), min_size=4, max_size=4),
)


@given(STARTS)
def test_means_over_distinct_starts_are_those_of_all_pairs(case):
    labels, counts = case[0], case[1][: len(case[0])]
    starts = [row for row, count in zip(labels, counts, strict=True) for _ in range(count)]
    every = list(combinations(starts, 2))
    told = mean_agreement(labels, counts)
    if not every:
        assert np.isnan(told[:3]).all()
        return
    assert told.ari == pytest.approx(np.mean([adjusted_rand(x, y) for x, y in every]), abs=1e-12)
    assert told.vi == pytest.approx(np.mean([variation(x, y) for x, y in every]), abs=1e-12)
    theirs = np.mean([adjusted_mutual_info_score(x, y) for x, y in every])
    assert told.ami == pytest.approx(theirs, abs=1e-9)


def affinities(labels, alpha=0.9):
    """Personalized PageRank of the cluster graph of a flat partition, as the paper writes it."""
    labels = np.asarray(labels)
    together = (labels[:, None] == labels).astype(float)
    return alpha * together / together.sum(axis=1) + (1 - alpha) * np.eye(len(labels))


def element_similarity(x, y, alpha=0.9):
    return 1 - np.abs(affinities(x, alpha) - affinities(y, alpha)).sum(axis=1) / (2 * alpha)


@given(STARTS)
def test_consistency_is_the_mean_element_centric_similarity(case):
    labels, counts = case[0], case[1][: len(case[0])]
    starts = [row for row, count in zip(labels, counts, strict=True) for _ in range(count)]
    every = [element_similarity(x, y) for x, y in combinations(starts, 2)]
    told = consistency(labels, counts)
    if every:
        assert told == pytest.approx(np.mean(every, axis=0), abs=1e-12)
    else:
        assert np.isnan(told).all()


@given(STARTS)
def test_coassociation_is_the_share_of_companions_that_stay(case):
    labels, counts = np.array(case[0]), case[1][: len(case[0])]
    best = labels[0]
    together = np.average(labels[:, :, None] == labels[:, None], axis=0, weights=counts)
    companions = (best[:, None] == best) & ~np.eye(len(best), dtype=bool)
    kept = (together * companions).sum(axis=1) / np.maximum(companions.sum(axis=1), 1)
    expected = np.where(companions.any(axis=1), kept, 1.0)
    assert coassociation(labels, counts, best) == pytest.approx(expected, abs=1e-12)


def test_names_of_clusters_mean_nothing(rng):
    labels = rng.integers(0, 3, size=(5, 40))
    renamed = np.array([rng.permutation(7)[row] for row in labels])
    counts = [5, 4, 3, 2, 1]
    assert mean_agreement(renamed, counts) == pytest.approx(mean_agreement(labels, counts))
    assert consistency(renamed, counts) == pytest.approx(consistency(labels, counts))


def test_the_first_starts_are_compared_up_to_so_many_partitions():
    ends = np.repeat(np.arange(300), 2)
    assert compared(ends, 200, 2) == 512
    assert compared(ends[:512], 200, 2) == compared(np.append(ends[:512], 3), 200, 2) - 1 == 512
    assert compared([], 200, 2) == 0


@pytest.mark.parametrize(
    ("n", "k", "most"),
    [(150, 3, 256), (5000, 100, 40), (10**6, 10, 14), (10**9, 9, 2), (9, 9999, 2)],
)
def test_large_partitions_are_compared_in_smaller_numbers(n, k, most):
    assert compared(np.arange(1000), n, k) == most


def test_what_is_left_out_favors_nobody(rng):
    """A few frequent partitions, and many rare ones that agree with nothing."""
    chances = np.array([0.2, 0.2, *[0.6 / 1000] * 1000])
    labels = rng.integers(0, 3, size=(1002, 30))
    every = mean_agreement(labels, 1e6 * chances).ari
    told = []
    for _ in range(40):
        ends = rng.choice(1002, size=3000, p=chances)
        names, counts = np.unique(ends[: compared(ends, 30, 3)], return_counts=True)
        assert len(names) == 256
        told.append(mean_agreement(labels[names], counts).ari)
    assert np.mean(told) == pytest.approx(every, abs=4 * np.std(told) / math.sqrt(40))


def test_one_partition_only_is_complete_agreement():
    assert mean_agreement([[0, 1, 1]], [7])[:3] == pytest.approx((1, 1, 0))
    assert consistency([[0, 1, 1]], [7]).tolist() == [1, 1, 1]
    assert np.isnan(mean_agreement([[0, 1, 1]], [1])[:3]).all()


TRUE = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])


def test_the_centroid_index_counts_clusters_that_were_missed():
    starts = [TRUE[::-1] + 0.5, [[0, 0], [1, 1], [10, 0]], [[0, 0], [0, 1], [1, 0]]]
    told = centroid_index(starts, TRUE)
    assert told.larger.tolist() == [0, 1, 2]
    assert told.missed.tolist() == [0, 1, 2]


def test_the_centroid_index_looks_both_ways():
    # All true centers are nearest to something, yet two centers share what one should have.
    told = centroid_index([[[0, 0], [0, 10], [10, 0], [10, 1]]], TRUE)
    assert (told.missed[0], told.spare[0], told.larger[0]) == (0, 1, 1)


def naive_orphans(A, B):
    nearest = {min(range(len(B)), key=lambda j: math.dist(a, B[j])) for a in A}
    return len(B) - len(nearest)


def test_the_centroid_index_is_that_of_the_definition(rng):
    starts, truth = rng.normal(size=(40, 6, 2)), rng.normal(size=(5, 2))
    told = centroid_index(starts, truth)
    assert told.missed.tolist() == [naive_orphans(A, truth) for A in starts]
    assert told.spare.tolist() == [naive_orphans(truth, A) for A in starts]
    assert (told.larger == np.maximum(told.missed, told.spare)).all()


def test_a_start_without_centers_has_no_index_and_no_success():
    told = centroid_index([TRUE, np.full((3, 2), NAN)], TRUE)
    assert told.larger[0] == 0
    assert math.isnan(told.larger[1])
    assert success_rate(told.larger) == wilson(1, 2)
    assert centroid_index(np.empty((0, 3, 2)), TRUE).larger.size == 0
