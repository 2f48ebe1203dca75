"""Points in boxes have the labels that the law gives them, whatever was skipped to find them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive
from kmeans_lab.kernels._jit import warm
from kmeans_lab.kernels.boxes import BITS, assign_plane, assign_space, race
from kmeans_lab.kernels.places import GROUP, cut, in_halves

SIZE = 4  # small boxes, so that small data have groups of them


def labels_of(X, rounds, size=SIZE):
    """Labels (n,) in the data's order after each of `rounds`, centers (k, d) and whether fresh."""
    warm()
    order = in_halves(X, size)
    XT = np.ascontiguousarray(X[order].T)
    boxes = cut(XT, size)
    work = race(boxes, len(rounds[0][0]))
    labels = np.full(len(X), 65535, np.uint16)
    for centers, fresh in rounds:
        (assign_space if X.shape[1] == 3 else assign_plane)(boxes, centers, fresh, work, labels)
        yield labels[np.argsort(order)]


def points_and_rounds(seed, kind, d, n, k):
    """Data of a kind, and some steps of centers: some of them stay, some move by a hair."""
    random = np.random.default_rng(seed)
    X = {
        "lattice": lambda: random.integers(-3, 4, size=(n, d)).astype(float),
        "noise": lambda: random.normal(size=(n, d)),
        "clumps": lambda: random.integers(0, 3, size=(n, 1)) * 9.0 + random.normal(size=(n, d)),
        "outlier": lambda: random.normal(size=(n, d)) * 1e8 ** (random.random((n, 1)) < 0.05),
    }[kind]()
    centers = X[random.integers(0, n, size=k)]
    rounds = [(centers, True)]
    for _ in range(5):
        moves = random.random((k, 1)) < random.random()
        by = random.choice([0.0, 2.0**-52, 1e-3, 1.0])
        centers = centers + moves * by * random.normal(size=(k, d))
        rounds.append((centers, False))
    return X, [*rounds, (X[random.integers(0, n, size=k)], True)]


@settings(max_examples=250)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(["lattice", "noise", "clumps", "outlier"]),
    st.integers(1, 3),
    st.sampled_from([1, 3, SIZE * GROUP - 1, SIZE * GROUP * 3 + 5, 700]),
    st.sampled_from([1, 2, 5, BITS + 1, 150]),
)
def test_labels_are_those_of_the_law_at_every_step(seed, kind, d, n, k):
    X, rounds = points_and_rounds(seed, kind, d, n, k)
    for found, (centers, _) in zip(labels_of(X, rounds), rounds, strict=True):
        assert (found == naive.assign(X, centers)[0]).all()


@pytest.mark.parametrize("scale", [2.0**-480, 2.0**-20, 1.0, 2.0**480])
@pytest.mark.parametrize("offset", [0.0, 1e8])
def test_points_halfway_between_centers_are_not_left_to_rounding(rng, scale, offset):
    grid = np.stack(np.meshgrid(np.arange(40.0), np.arange(40.0)), axis=-1).reshape(-1, 2)
    X = (grid + offset) * scale
    centers = (rng.integers(0, 20, size=(12, 2)) * 2.0 + offset) * scale
    for shift in (0.0, 1.0, -1.0):
        moved = np.nextafter(centers, np.copysign(np.inf, shift)) if shift else centers
        (found,) = labels_of(X, [(moved, True)], size=16)
        assert (found == naive.assign(X, moved)[0]).all()


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 3000))
def test_boxes_hold_every_row_once_and_split_space(seed, d, n):
    X = np.random.default_rng(seed).random((n, d))
    order = in_halves(X, SIZE)
    assert (np.sort(order) == np.arange(n)).all()
    parts = [X[order[start : start + SIZE]] for start in range(0, n, SIZE)]
    sides = np.array([np.ptp(part, axis=0) for part in parts])
    low = np.array([part.min(axis=0) for part in parts])
    apart = ((low[:, None] + sides[:, None] < low) | (low + sides < low[:, None])).any(axis=2)
    assert (apart | np.eye(len(parts), dtype=bool)).all()  # no two boxes share a place
