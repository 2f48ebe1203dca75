"""Hypothesis strategies: data where ties, duplicates, offsets and scales are the rule."""

import numpy as np
from hypothesis import strategies as st

import naive


@st.composite
def points(draw, max_n=24, max_d=4, min_n=1):
    """A data set (n, d): a lattice, collinear points or noise, duplicated, shifted, scaled."""
    n = draw(st.integers(min_n, max_n))
    d = draw(st.one_of(st.integers(1, max_d), st.sampled_from([1, 7, 8, 64])))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["lattice", "line", "noise", "decimal"]))
    if kind == "lattice":
        X = random.integers(-2, 3, size=(n, d)).astype(float)
    elif kind == "line":
        X = random.integers(-5, 6, size=(n, 1)) * random.integers(-2, 3, size=(1, d)).astype(float)
    elif kind == "decimal":
        X = random.integers(0, 80, size=(n, d)) / 10
    else:
        X = random.normal(size=(n, d))
    X = X[random.integers(0, n, size=n)] if draw(st.booleans()) else X
    X = X + draw(st.sampled_from([0.0, 0.0, 1e8, -12345.678]))
    return X * 2.0 ** draw(st.sampled_from([0, 0, 300, -300, 40]))


@st.composite
def problems(draw, **limits):
    """A data set and first centers: its own points, drawn with or without repetition, or free."""
    X = draw(points(**limits))
    k = draw(st.integers(1, min(len(X), 8)) | st.just(len(X)))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    repeat = draw(st.booleans())
    centers = X[random.choice(len(X), size=k, replace=repeat)]
    if draw(st.integers(0, 4)) == 0:
        centers = centers + random.integers(-3, 4, size=centers.shape) * np.abs(X).max()
    return X, centers


MOVES = ("none", "one", "tiny", "ulp", "far", "swap", "merge", "mean", "back")


def moved(X, sequence, move, random):
    """New centers: a step of k-means, a small or a wild one."""
    centers = sequence[-1].copy()
    one = random.integers(len(centers))
    spread = np.ptp(X, axis=0).max()
    if move == "one":
        centers[one] += random.normal(size=centers.shape[1]) * spread / 10
    elif move == "tiny":
        centers += random.normal(size=centers.shape) * spread * 1e-9
    elif move == "ulp":
        centers = np.nextafter(centers, random.choice([-np.inf, np.inf], size=centers.shape))
    elif move == "far":
        centers[one] += 10.0 ** random.integers(1, 20) * spread
    elif move == "swap":
        centers = centers[::-1].copy()
    elif move == "merge":
        centers[one] = centers[0]
    elif move == "mean":
        centers = naive.update(X, naive.assign(X, centers)[0], centers)
    elif move == "back":
        centers = sequence[0].copy()
    return centers


@st.composite
def sequences(draw, **limits):
    """A data set and the centers of one step after the other, which move a little or wildly."""
    X, centers = draw(problems(**limits))
    moves = draw(st.lists(st.sampled_from(MOVES), max_size=6))
    random, sequence = np.random.default_rng(draw(st.integers(0, 2**32 - 1))), [centers]
    for move in moves:
        sequence.append(moved(X, sequence, move, random))
    return X, sequence
