"""Single-point transfers: the twin's pass, and partitions that none of them improves."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive
from kmeans_lab.kernels._jit import warm
from kmeans_lab.kernels.transfers import MARGIN, _means, improvable, transfer, transferred
from partitions import inertia_of, partitions_of
from strategies import points


def one_pass(X, labels, k, moving=True):
    """Labels after one pass of the kernel, and the number it gives."""
    warm()
    labels = labels.astype(np.uint16)
    found = transfer(np.ascontiguousarray(X), *_means(X, labels, k), labels, MARGIN, moving)
    return labels, found


@given(st.integers(0, 999), st.integers(1, 5), st.integers(2, 20), st.integers(1, 6))
def test_a_pass_is_the_twin_s(seed, d, n, k):
    random = np.random.default_rng(seed)
    X, labels = random.normal(size=(n, d)), random.integers(k, size=n)
    for moving in (True, False):
        ref, ref_found = naive.transfer(X, labels, k, moving)
        comp, comp_found = one_pass(X, labels, k, moving)
        assert comp_found == ref_found
        assert (comp == ref).all()


@given(points(max_n=16, max_d=3), st.integers(1, 5), st.integers(0, 99))
def test_what_is_left_is_no_worse_and_no_transfer_improves_it(X, k, seed):
    labels = np.random.default_rng(seed).integers(k, size=len(X)).astype(np.uint16)
    better = transferred(X, labels, k)
    assert not improvable(X, better, k)
    assert naive.partition_inertia(X, better, k) <= naive.partition_inertia(X, labels, k) * (
        1 + 1e-9
    )


def test_a_transfer_improves_what_no_step_does():
    """Of 0, 2 and 3 the point 2 is as far from 1, its center, as from 3: it saves 2, costs ½."""
    X, stuck = np.array([[0.0], [2.0], [3.0]]), np.array([0, 0, 1])
    centers = np.array([[1.0], [3.0]])
    assert (naive.assign(X, centers)[0] == stuck).all()
    assert improvable(X, stuck, 2)
    assert transferred(X, stuck, 2).tolist() == [0, 1, 1]


@pytest.mark.parametrize("k", [2, 3])
def test_a_partition_is_improvable_where_enumeration_says_so(rng, k):
    """In whole numbers, where a tie is a tie."""
    X = rng.integers(-3, 4, size=(6, 2)).astype(float)
    rest = math.inf
    for labels in partitions_of(6, k):
        now = inertia_of(X, labels)
        others = [
            inertia_of(X, [*labels[:i], c, *labels[i + 1 :]])
            for i in range(6)
            for c in range(k)
            if labels.count(labels[i]) > 1
        ]
        assert improvable(X, np.array(labels), k) == (min(others, default=now) < now)
        if not improvable(X, np.array(labels), k):
            rest = min(rest, now)
    assert rest == min(inertia_of(X, labels) for labels in partitions_of(6, k))
    assert isinstance(rest, Fraction)


def test_points_alone_stay_and_an_empty_cluster_is_filled():
    X = np.array([[0.0], [1.0], [5.0]])
    assert transferred(X, np.array([2, 0, 1]), 3).tolist() == [2, 0, 1]
    first, second, third = transferred(X, np.array([0, 0, 0]), 2)
    assert first == second != third


@pytest.mark.parametrize("offset", [0.0, 1e8, -1e12])
def test_ties_end_at_any_offset(offset):
    grid = np.stack(np.meshgrid(np.arange(8.0), np.arange(8.0)), axis=-1).reshape(-1, 2)
    for k in (2, 3, 4, 16):
        labels = (np.arange(64) % k).astype(np.uint16)
        assert (transferred(grid + offset, labels, k) == transferred(grid, labels, k)).all()


def test_labels_are_only_read():
    labels = np.array([0, 0, 1], np.uint16)
    labels.setflags(write=False)
    X = np.array([[0.0], [2.0], [3.0]])
    improvable(X, labels, 2)
    transferred(X, labels, 2)
    assert labels.tolist() == [0, 0, 1]
