"""Silhouettes scored one after another: each is what it is alone, to the bit, in every way."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import silhouette_score as peer

import naive
from kmeans_lab.kernels import memory, sums, targets
from kmeans_lab.kernels._jit import warm
from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.kernels.records import prepare
from kmeans_lab.kernels.silhouette import silhouette
from strategies import points

# Data of few points keep all sums; others their near ones, from a matrix or computed as needed.
WAYS = {
    "small": {},
    "stored": {"SMALL": 1, "MANY": 1},
    "stored in turns": {"SMALL": 1, "MANY": 1, "MOST": 1},
    "computed": {"SMALL": 1, "STORED": 1},
    "in turns": {"SMALL": 1, "STORED": 1, "MOST": 1},
}


def scored(X, partitions, k, way="small", mode="exact", order=None):
    """Mean silhouettes and errors (S, 2) of the partitions (S, n), scored in one workspace."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in WAYS[way].items():
            patch.setattr(sums if name == "MOST" else targets, name, value)
        XT = targets.frozen(X.T)
        aim = targets.targets(XT, mode, order)
        work = sums.empty_sums(aim, k), sums.room_for(aim, k)
    warm()
    each = [np.asarray(labels, np.uint16) for labels in partitions]
    return np.array([silhouette(XT, aim, *work, p, np.bincount(p, minlength=k)) for p in each])


def walk(n, k, steps, random):
    """Partitions of n points in k clusters: few points move, or many, or clusters change names."""
    labels = random.integers(k, size=n)
    for _ in range(steps):
        yield labels.copy()
        kind = random.integers(4)
        if kind == 0:
            labels = random.permutation(k)[labels]
        else:
            some = random.random(n) < (0.0, 0.1, 0.4, 1.0)[kind]
            labels = np.where(some, random.integers(k, size=n), labels)


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=60)
@given(points(min_n=2, max_n=90), st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_what_was_scored_before_changes_no_bit(way, X, k, seed):
    partitions = list(walk(len(X), k, 6, np.random.default_rng(seed)))
    together = scored(X, partitions, k, way)
    alone = np.concatenate([scored(X, [labels], k, way) for labels in partitions])
    np.testing.assert_array_equal(together, alone)


@settings(max_examples=100)
@given(points(min_n=2, max_n=90), st.integers(2, 9), st.integers(0, 2**32 - 1))
def test_every_way_is_the_naive_twin(X, k, seed):
    random = np.random.default_rng(seed)
    centers = X[random.integers(len(X), size=k)]
    partitions = [naive.assign(X, centers)[0], random.integers(k, size=len(X))]
    ref = [naive.silhouette(X, labels) for labels in partitions]
    for way in WAYS:
        np.testing.assert_allclose(scored(X, partitions, k, way)[:, 0], ref, rtol=0, atol=1e-10)


@pytest.mark.parametrize("mode", ["exact", "sampled"])
@pytest.mark.parametrize("way", WAYS)
def test_names_and_the_order_of_points_change_no_bit(way, mode, rng):
    n, k = 1200 if mode == "sampled" else 300, 7
    X = rng.normal(size=(n, 2)) + 6 * rng.integers(3, size=(n, 1))
    labels, order = naive.assign(X, X[:k])[0], rng.permutation(n)
    here = scored(X, [labels], k, way, mode)
    there = scored(X[order], [rng.permutation(k)[labels[order]]], k, way, mode, order)
    np.testing.assert_array_equal(here, there)
    assert np.isnan(here[0, 1]) == (mode == "exact")


@pytest.mark.parametrize(("n", "d", "k"), [(2000, 2, 15), (700, 3, 40), (600, 16, 4)])
def test_steps_of_starts_are_the_peers(n, d, k, rng):
    X = rng.normal(size=(n, d)) + rng.integers(0, 40, size=(12, d))[rng.integers(12, size=n)]
    batch = run_batch(prepare(X), X[None, :k], max_iter=6)
    ref = [peer(X, labels) for labels in batch.step_labels]
    np.testing.assert_allclose(batch.step_silhouette, ref, rtol=0, atol=1e-10)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("far", [1e3, 1e6, 1e9, 1e15, 1e100])
def test_an_outlier_costs_no_digit(way, far, rng):
    X = np.concatenate([rng.normal(size=(40, 2)), rng.normal(5, 1, size=(40, 2)), [[far, -far]]])
    labels = np.repeat([0, 1, 2], [40, 40, 1])
    within = np.repeat([0, 1, 0, 2], [20, 40, 20, 1])
    ref = [naive.silhouette(X, labels), naive.silhouette(X, within)]
    out = scored(X, [labels, within], 3, way)[:, 0]
    np.testing.assert_allclose(out, ref, rtol=0, atol=1e-10)


@pytest.mark.parametrize("way", WAYS)
def test_a_power_of_two_changes_no_bit(way, rng):
    X, labels = rng.normal(size=(80, 3)), rng.integers(4, size=80)
    here = scored(X, [labels], 4, way)
    for exponent in (-900, -300, 300, 900):
        np.testing.assert_array_equal(scored(np.ldexp(X, exponent), [labels], 4, way), here)


def test_keys_tell_all_partitions_of_seven_points_apart(rng):
    words = memory.words_of(np.arange(7))
    keys = {}
    for labels in itertools.product(range(7), repeat=7):
        first = {}
        name = tuple(first.setdefault(label, len(first)) for label in labels)
        if name == labels:
            key = memory.partition_key(words, np.array(labels, np.uint16), max(labels) + 1)
            keys.setdefault(key, set()).add(name)
    assert len(keys) == 877  # the seventh Bell number


@pytest.mark.parametrize("k", [2, memory.FEW, memory.FEW + 1, 30])
def test_a_key_ignores_names_order_and_empty_clusters(k, rng):
    n = 100
    labels, order, names = rng.integers(k, size=n), rng.permutation(n), rng.permutation(k + 3)
    here = memory.partition_key(memory.words_of(np.arange(n)), labels.astype(np.uint16), k)
    renamed = names[labels[order]].astype(np.uint16)
    assert memory.partition_key(memory.words_of(order), renamed, k + 3) == here


def test_a_place_is_found_again_until_newer_keys_need_it():
    small = memory.empty_memory(memory.WAYS)
    key = [(np.uint64(i), np.uint64(7)) for i in range(1, memory.WAYS + 2)]
    for first, second in key[: memory.WAYS]:
        slot, known = memory.place(small, first, second)
        assert not known
        small.values[slot] = first
    for first, second in key[: memory.WAYS]:
        slot, known = memory.place(small, first, second)
        assert known
        assert (small.values[slot] == first).all()
    assert not memory.place(small, *key[-1])[1]
    assert not memory.place(small, *key[0])[1]
