"""Numbers other people published: best known inertias, and means over k-means starts.

M. Gallagher (2014) tabled 50 starts from random data points beside the optima of du Merle et al.
(2000). What can differ from ours is only which 50 starts were drawn.
"""

import csv
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.kernels.initializers import INITIALIZERS
from kmeans_lab.kernels.records import prepare

STARTS = 1000
SAMPLE = 50  # starts behind each published mean
CASES = [(data, k) for data in ("iris", "ruspini") for k in range(2, 11)]
CASES += [("german-postal", k) for k in (2, 3, 4, 5, 10)]


class Published(NamedTuple):
    best: str
    mean: str
    iterations: str


@pytest.fixture
def published(reference, data, k):
    """What the table prints for a data set and k."""
    with (reference / "reference-optima.csv").open() as file:
        row = next(r for r in csv.DictReader(file) if (r["data"], r["k"]) == (data, str(k)))
    return Published(
        row["best_known_sse"], row["published_mean_50_starts"], row["published_mean_iterations"]
    )


@pytest.fixture
def starts(reference, data, k):
    """Our own starts from random points."""
    return _starts(reference / f"{data}.csv", k)


@cache
def _starts(path, k):
    X = np.loadtxt(path, delimiter=",")
    first = INITIALIZERS["random"].function(X, k, np.arange(STARTS)).centers
    return run_batch(prepare(X, "none"), first, max_iter=300, steps=False, labels="none")


@pytest.mark.parametrize("data", ["iris", "ruspini"])
@pytest.mark.parametrize("k", range(2, 7))
def test_the_best_known_inertia_is_reached(published, starts):
    assert starts.inertia.min() == pytest.approx(float(published.best), rel=1e-9)


@pytest.mark.parametrize(("data", "k"), CASES)
def test_no_start_is_better_than_what_is_claimed_optimal(published, starts):
    assert starts.inertia.min() >= float(published.best) * (1 - 1e-9)


@pytest.mark.parametrize(("data", "k"), CASES)
def test_the_mean_inertia_agrees(published, starts):
    assert apart(starts.inertia, published.mean) <= 1


@pytest.mark.parametrize(("data", "k"), CASES)
def test_the_mean_number_of_iterations_agrees(published, starts):
    assert apart(starts.n_iter, published.iterations) <= 1


def apart(ours, printed):
    """Distance of our mean from a printed one, in units of 3 standard errors and its rounding."""
    digits, _, power = printed.partition("e")
    rounding = 0.5 * 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))
    error = np.std(ours, ddof=1) / np.sqrt(SAMPLE)
    return abs(np.mean(ours) - float(printed)) / (3 * error + rounding)


def test_a_mean_that_is_off_is_seen():
    ours = np.arange(100.0)  # mean 49.5, three standard errors 12.3
    assert apart(ours, "6.19e1") > 1 > apart(ours, "6.17e1")
