"""Initializers that cut the data in parts, again and again, and take the parts' means."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .exact import fsum
from .firsts import Firsts, Points, Seeds

SQUARINGS = 60  # at most, after which 2**60 steps of the power method are made
ROWS = 32  # of a matrix that are multiplied together
ALONE = 1 - 2.0**-30  # of the trace: then one more squaring leaves the largest eigenvalue alone


class Part(NamedTuple):
    """Points that stand together."""

    members: NDArray[np.int64]  # (m,), rows of the data
    mean: Points  # (d,)
    deviations: Points  # (m, d), from the mean
    squares: Points  # (d,), sum of their squares


def var_part(X: Points, k: int, seeds: Seeds) -> Firsts:
    """Cut the part of largest SSE at its mean, across the feature that varies most, until k are.

    A sum is exact and rounded once, a part's SSE the sum of its features' squared deviations from
    the mean, added left to right. Of equals the lowest index is taken, of parts and of features.
    Points up to the mean keep the part's index, those above it are the last part; the mean counts
    as no less than the smallest value, and the largest is above it. Where no part has an SSE
    above 0, rows of the data, from the first, are the centers that lack.

    Draws: nothing. A distance is counted for each member of each part that was made.
    Source: Su and Dy (2007), section 3.
    """
    return _means_of_parts(X, k, seeds, _widest)


def pca_part(X: Points, k: int, seeds: Seeds) -> Firsts:
    """Like var-part, but cut a part across its principal axis, at the mean.

    The axis is that of the power method with the matrix squared each time: sums of products of
    deviations, each exact and rounded once, divided by their trace, are multiplied with
    themselves, added left to right, until the trace of that is above 1 - 2**-30, or 60 times. It
    is the column of the largest diagonal element, the first of equals. A part that the axis does
    not cut counts as having an SSE of 0.

    Draws: nothing. A distance is counted for each member of each part that was made.
    Source: Su and Dy (2007), section 3; Golub and Van Loan (2013), section 8.2.1.
    """
    return _means_of_parts(X, k, seeds, _principal)


def _means_of_parts(X: Points, k: int, seeds: Seeds, across: Callable[[Part], Points]) -> Firsts:
    parts, spent = _parts(X, k, across)
    centers = np.concatenate([[part.mean for part in parts], X[: k - len(parts)]])
    return Firsts(np.repeat(centers[None], len(seeds), axis=0), np.full(len(seeds), spent))


def _parts(X: Points, k: int, across: Callable[[Part], Points]) -> tuple[list[Part], int]:
    """Up to k parts of `X` (n, d), and how many distances from their means were asked for."""
    parts, spent = [_part(X, np.arange(len(X)))], len(X)
    sse = [_left_to_right(parts[0].squares)]
    while len(parts) < k and max(sse) > 0:
        worst = sse.index(max(sse))
        members, along = parts[worst].members, across(parts[worst])
        above = (along > max(0.0, along.min())) | (along == along.max())
        if above.all():
            sse[worst] = 0.0
            continue
        parts[worst], new = _part(X, members[~above]), _part(X, members[above])
        parts.append(new)
        sse[worst] = _left_to_right(parts[worst].squares)
        sse.append(_left_to_right(new.squares))
        spent += len(members)
    return parts, spent


def _part(X: Points, members: NDArray[np.int64]) -> Part:
    points = X[members]
    mean = np.array([fsum(column) for column in points.T]) / len(members)
    deviations = points - mean
    squares = np.array([fsum(column) for column in (deviations * deviations).T])
    return Part(members, mean, deviations, squares)


def _widest(part: Part) -> Points:
    """Deviations (m,) along the feature that varies most."""
    return part.deviations[:, part.squares.argmax()]


def _principal(part: Part) -> Points:
    """Deviations (m,) along the principal axis."""
    axis = _principal_axis(_products(part.deviations))
    return np.cumsum(part.deviations * axis, axis=1)[:, -1]


def _products(deviations: Points) -> Points:
    """Sums of products (d, d) of the columns of `deviations` (m, d), each rounded once."""
    columns = np.ascontiguousarray(deviations.T)
    sums = np.empty((len(columns), len(columns)))
    for a, column in enumerate(columns):
        for b, product in enumerate(columns[a:] * column, a):
            sums[a, b] = sums[b, a] = fsum(product)
    return sums


def _principal_axis(matrix: Points) -> Points:
    """A multiple of the eigenvector (d,) of the largest eigenvalue. No BLAS: its order varies."""
    power = matrix / _left_to_right(matrix.diagonal())
    for _ in range(SQUARINGS):
        square = _squared(power)
        trace = _left_to_right(square.diagonal())
        power = square / trace
        if trace > ALONE:
            break
    return power[:, power.diagonal().argmax()]


def _squared(matrix: Points) -> Points:
    """A symmetric matrix times itself; in blocks of rows that stay in the cache."""
    square = np.zeros_like(matrix)
    for begin in range(0, len(matrix), ROWS):
        rows = square[begin : begin + ROWS]
        for line in matrix:
            rows += line[begin : begin + ROWS, None] * line
    return square


def _left_to_right(values: Points) -> float:
    return float(np.cumsum(values)[-1])
