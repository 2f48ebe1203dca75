"""How many optima: against enumeration, the posterior summed term by term, and simulation."""

import math
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_lab.statistics import boender_rinnooy_kan, chao1, good_turing, hill

COUNTS = st.lists(st.integers(1, 50), min_size=1, max_size=12)


@pytest.mark.parametrize("order", [0, 0.5, 1, 2, 5])
def test_equal_optima_count_as_many_as_they_are(order):
    assert hill([7] * 5, order) == pytest.approx(5)


@given(COUNTS)
def test_hill_numbers_fall_with_their_order(counts):
    every = [hill(counts, order) for order in (0, 0.5, 1, 1.5, 2, 9)]
    assert every[0] == pytest.approx(len(counts))
    assert all(a >= b - 1e-9 for a, b in pairwise(every))
    assert every[-1] >= 1 - 1e-9


@given(COUNTS)
def test_order_one_is_the_limit(counts):
    assert hill(counts, 1) == pytest.approx(hill(counts, 1 + 1e-6), rel=1e-4)


@given(COUNTS)
def test_order_two_is_one_over_the_chance_to_meet(counts):
    N = sum(counts)
    meet = sum(Fraction(c, N) ** 2 for c in counts)
    assert hill(counts, 2) == pytest.approx(float(1 / meet))


def test_hill_numbers_take_exact_probabilities_and_unseen_zeros():
    assert hill([0.5, 0.25, 0.25, 0.0], 1) == pytest.approx(2**1.5)


def test_nothing_seen_is_null():
    assert math.isnan(hill([], 1))
    assert np.isnan(good_turing([0, 0])).all()
    assert np.isnan(chao1([])).all()


def seen(sequence, w):
    return np.bincount(sequence, minlength=w)


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.7, 0.2, 0.1), (0.9, 0.06, 0.04)])
def test_good_turing_is_unbiased_for_what_one_start_fewer_left_unseen(shares):
    """The mean of f₁/N over all sequences of N starts is the mean unseen mass after N − 1."""
    N, w = 6, len(shares)

    def mean(length, number):
        every = product(range(w), repeat=length)
        return math.fsum(math.prod(shares[i] for i in s) * number(seen(s, w)) for s in every)

    unseen = mean(N - 1, lambda counts: math.fsum(np.array(shares)[counts == 0]))
    assert mean(N, lambda counts: good_turing(counts).value) == pytest.approx(unseen, abs=1e-13)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=30).filter(any))
def test_the_unseen_mass_is_a_probability_within_its_interval(counts):
    value, low, high = good_turing(counts)
    assert 0 <= low <= value <= high <= 1
    assert high > 0


def test_after_no_singleton_something_may_still_be_unseen():
    assert good_turing([500, 500]).high == pytest.approx(1.96**2 / 1004, rel=1e-2)


def zipf(w, power):
    weights = np.arange(1, w + 1.0) ** -power
    return weights / weights.sum()


LANDSCAPES = {
    "three": np.array([0.6, 0.3, 0.1]),
    "some rare": np.array([0.5, 0.3, 0.15, 0.03, 0.01, 0.006, 0.003, 0.001]),
    "even": np.full(60, 1 / 60),
    "zipf": zipf(200, 1.0),
    "long tail": zipf(3000, 1.2),
}


@pytest.mark.parametrize("starts", [100, 300, 1000])
@pytest.mark.parametrize("name", LANDSCAPES)
def test_the_interval_of_the_unseen_mass_covers_it(name, starts, rng):
    shares = LANDSCAPES[name]
    drawn = rng.multinomial(starts, shares, size=1000)
    unseen = ((drawn == 0) * shares).sum(axis=1)
    bounds = np.array([good_turing(counts) for counts in drawn])
    covered = ((bounds[:, 1] <= unseen + 1e-12) & (unseen <= bounds[:, 2])).mean()
    assert covered >= 0.93


def log_normal(w, unseen, variance):
    spread = math.exp(1.959964 * math.sqrt(math.log1p(variance / unseen**2)))
    return math.floor(w + unseen / spread), math.ceil(w + unseen * spread)


def test_chao_by_hand():
    # w = 9, N = 100, f1 = 5, f2 = 2: 99/100 · 5·4 / (2·3) unseen.
    A = 0.99
    variance = A * 20 / 6 + A * A * 5 * 81 / 36 + A * A * 25 * 2 * 16 / (4 * 81)
    bounds = log_normal(9, A * 20 / 6, variance)
    assert chao1([51, 40, 2, 2, 1, 1, 1, 1, 1]) == (pytest.approx(9 + A * 20 / 6), *bounds)
    assert bounds == (9, 31)


def test_chao_without_doubletons_by_hand():
    # w = 4, N = 13, f1 = 3, f2 = 0: 12/13 · 3·2/2 unseen.
    A = 12 / 13
    variance = 3 * A + A * A * 3 * 25 / 4 - A * A * 81 / (4 * (4 + 3 * A))
    assert chao1([10, 1, 1, 1]) == (pytest.approx(4 + 3 * A), *log_normal(4, 3 * A, variance))


@pytest.mark.parametrize("counts", [(10, 3), (2, 2, 2, 2, 2, 2), (3, 2, 3, 2, 1), (1,)])
def test_chao_where_nothing_seems_unseen(counts):
    w, N = len(counts), sum(counts)
    missed = [math.exp(-c) for c in counts]
    P = sum(missed) / w
    variance = sum(m - m * m for m in missed)
    variance -= sum(c * m for c, m in zip(counts, missed, strict=True)) ** 2 / N
    high = math.ceil((w + 1.959964 * math.sqrt(variance)) / (1 - P))
    assert chao1(counts) == (w, w, high)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30).filter(any))
def test_there_are_at_least_as_many_optima_as_were_seen(counts):
    value, low, high = chao1(counts)
    w = sum(c > 0 for c in counts)
    assert w <= low <= value <= high < math.inf


@pytest.mark.parametrize(("w", "starts"), [(50, 100), (50, 150), (200, 200), (20, 100)])
def test_chao_is_sharp_where_all_optima_are_alike(w, starts, rng):
    drawn = rng.multinomial(starts, np.full(w, 1 / w), size=1000)
    told = np.array([chao1(counts) for counts in drawn])
    assert told[:, 0].mean() == pytest.approx(w, rel=0.03)
    assert ((told[:, 1] <= w) & (w <= told[:, 2])).mean() >= 0.93


def posterior(w, N, most=4000):
    """Means by summing over the number of optima K: equal prior, all shares alike."""
    weights, unseen = [], []
    weight = Fraction(1)  # of K = w; next: K+1 over K
    for K in range(w, most):
        weights.append((K, float(weight)))
        unseen.append((K - w) / (N + K) * float(weight))
        weight *= Fraction((K + 1) * K, (K + 1 - w) * (N + K))
        weight = Fraction(weight).limit_denominator(10**40)
    total = math.fsum(p for _, p in weights)
    return math.fsum(K * p for K, p in weights) / total, math.fsum(unseen) / total


@pytest.mark.parametrize(("w", "N"), [(1, 12), (3, 20), (8, 40)])
def test_the_posterior_means_are_those_of_the_posterior(w, N):
    assert boender_rinnooy_kan(w, N) == pytest.approx(posterior(w, N), rel=1e-9)


def test_the_posterior_mean_exists_beyond_w_plus_two_starts():
    assert np.isnan(boender_rinnooy_kan(3, 5)).all()
    assert boender_rinnooy_kan(3, 6) == (15, pytest.approx(12 / 30))
