"""Two inits compared: against all pairs, published intervals and exact coverage."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, brunnermunzel

from kmeans_lab.statistics import Estimate, difference, superiority, wilson

NAN = math.nan
VALUES = st.lists(st.sampled_from([0.0, 1.0, 2.0, 2.5, NAN]), min_size=1, max_size=9)


def beats(a, b):
    a, b = (math.inf if math.isnan(each) else each for each in (a, b))
    return (a < b) + (a == b) / 2


@given(VALUES, VALUES)
def test_superiority_is_the_share_of_all_pairs(x, y):
    told = superiority(x, y)
    assert told.value == pytest.approx(np.mean([beats(a, b) for a in x for b in y]))
    assert 0 <= told.low <= told.value <= told.high <= 1


@given(VALUES, VALUES)
def test_superiority_turned_around_is_the_rest(x, y):
    assert superiority(y, x) == pytest.approx([1 - each for each in flipped(superiority(x, y))])


def flipped(told):
    return told.value, told.high, told.low


def test_lower_is_better():
    assert superiority([1.0] * 5, [2.0] * 5).value == 1
    assert superiority([NAN] * 5, [2.0] * 5).value == 0
    assert superiority([NAN, NAN], [NAN]).value == 0.5


def test_nobody_to_compare_with_is_null():
    assert np.isnan(superiority([], [1.0])).all()


def test_vargha_and_delaneys_statistic_is_the_rank_sum(rng):
    x, y = rng.normal(size=40), rng.normal(0.3, size=60)
    W = brunnermunzel(x, y).statistic
    assert (superiority(x, y).value > 0.5) == (W > 0)


@pytest.mark.parametrize("size", [20, 1000])
def test_a_clean_sweep_is_not_certain(size):
    told = superiority(np.zeros(size), np.ones(size))
    assert told.value == told.high == 1
    assert 1 - 10 / size < told.low < 1


def test_a_million_starts_take_no_pairs(rng):
    x, y = rng.integers(0, 50, size=10**6), rng.integers(0, 50, size=10**6)
    value, low, high = superiority(x, y)
    assert value == pytest.approx(0.5, abs=0.002)
    assert high - low == pytest.approx(2 * 1.96 * math.sqrt(2 / 12 / 10**6), rel=0.01)


# Shares of the optima, best first, of two inits.
PAIRS = {
    "alike": ([0.5, 0.3, 0.2], [0.5, 0.3, 0.2]),
    "nearly all tie": ([0.95, 0.05], [0.9, 0.1]),
    "apart": ([0.8, 0.1, 0.1], [0.1, 0.2, 0.7]),
    "no ties": (np.linspace(2, 1, 400) / 600, np.full(400, 1 / 400)),
}
EXTREMES = {
    "all but tied": ([0.999, 0.001], [0.998, 0.002]),
    "all but swept": ([0.98, 0.02], [0.03, 0.97]),
    "swept": ([1.0, 0.0], [0.0, 1.0]),
}


def covered(first, second, N, M, rng):
    """How often the interval of superiority holds the truth."""
    first, second = (np.asarray(each) / np.sum(each) for each in (first, second))
    truth = first @ (1 - np.cumsum(second) + second / 2)
    values = np.arange(len(first))
    samples = zip(rng.multinomial(N, first, 2000), rng.multinomial(M, second, 2000), strict=True)
    told = np.array([superiority(np.repeat(values, a), np.repeat(values, b)) for a, b in samples])
    return ((told[:, 1] <= truth + 1e-12) & (truth <= told[:, 2] + 1e-12)).mean()


@pytest.mark.parametrize("name", PAIRS)
def test_the_interval_of_superiority_covers_it(name, rng):
    assert 0.93 <= covered(*PAIRS[name], 400, 300, rng) <= 0.97


@pytest.mark.parametrize("name", EXTREMES)
def test_the_interval_of_superiority_covers_the_extremes(name, rng):
    assert covered(*EXTREMES[name], 50, 100, rng) >= 0.93


def test_a_deterministic_init_brings_no_doubt_of_its_own(rng):
    """It ends below the other's start with a probability that is a plain share."""
    y = np.repeat([1.0, 3.0], [30, 70])
    told = superiority([2.0], y, deterministic=(True, False))
    assert told == pytest.approx(wilson(70, 100), abs=0.006)
    assert flipped(superiority(y, [2.0], deterministic=(False, True))) == pytest.approx(
        [1 - each for each in told]
    )
    assert superiority([2.0], [3.0], deterministic=(True, True)) == (1, 1, 1)
    sure = Estimate(1.0, 1.0, 1.0)
    assert difference(sure, wilson(70, 100)) == pytest.approx(
        [1 - each for each in flipped(wilson(70, 100))]
    )
    assert difference(sure, Estimate(0.0, 0.0, 0.0)) == (1, 1, 1)


# Newcombe (1998), table II, method 10.
def newcombe(successes, starts, others, of):
    """The difference of two shares with Wilson's intervals."""
    return difference(wilson(successes, starts), wilson(others, of))


PUBLISHED = [
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0)),
    ((10, 10, 0, 10), (0.6075, 1.0)),
]


@pytest.mark.parametrize(("counts", "bounds"), PUBLISHED)
def test_the_difference_is_newcombes(counts, bounds):
    assert newcombe(*counts)[1:] == pytest.approx(bounds, abs=6e-5)


@given(st.integers(0, 30), st.integers(0, 30))
def test_a_difference_turned_around_changes_its_sign(a, b):
    told, turned = newcombe(a, 30, b, 40), newcombe(b, 40, a, 30)
    assert turned == pytest.approx((-told.value, -told.high, -told.low))
    assert -1 <= told.low <= told.value <= told.high <= 1


def test_a_difference_with_nothing_is_null():
    assert np.isnan(newcombe(0, 0, 1, 2)).all()


@pytest.mark.parametrize(("p", "q", "N", "M"), [(0.3, 0.5, 100, 100), (0.05, 0.2, 200, 100)])
def test_the_interval_of_the_difference_covers_it_exactly(p, q, N, M):
    bounds = [[newcombe(a, N, b, M)[1:] for b in range(M + 1)] for a in range(N + 1)]
    low, high = np.moveaxis(np.array(bounds), 2, 0)
    weight = np.outer(binom.pmf(range(N + 1), N, p), binom.pmf(range(M + 1), M, q))
    covered = (weight * ((low <= p - q) & (p - q <= high))).sum()
    assert 0.93 <= covered <= 0.97
