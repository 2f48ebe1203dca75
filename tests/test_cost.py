"""What the target costs: against exact distributions, simulation and hand-worked cases."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_lab.statistics import (
    Estimate,
    Price,
    best_buy,
    cost_to_target,
    expected_cost,
    price,
    restarts_needed,
    wilson,
)
from kmeans_lab.statistics.estimates import product as multiplied

NAN = math.nan
CASES = st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=12)


@given(CASES)
def test_the_expected_cost_is_the_total_over_the_successes(case):
    cost, reached = zip(*case, strict=True)
    value, low, high = expected_cost(cost, reached)
    assert value == pytest.approx(sum(cost) / sum(reached) if any(reached) else math.inf)
    assert low <= value <= high


def test_no_success_bounds_the_cost_from_below():
    told = expected_cost([10.0] * 100, [False] * 100)
    assert told == (math.inf, pytest.approx(10 / wilson(0, 100).high), math.inf)


def test_nothing_but_successes_leaves_a_doubt_upward():
    told = expected_cost([10.0] * 100, [True] * 100)
    assert told == (10, 10, pytest.approx(10 / wilson(100, 100).low))


def test_a_deterministic_init_costs_what_its_one_start_did():
    assert expected_cost([10.0], [True], deterministic=True) == (10, 10, 10)
    assert expected_cost([10.0], [False], deterministic=True) == (math.inf,) * 3
    assert price([10.0], [True], 0.99, deterministic=True) == ((1, 1, 1), (10, 10, 10))
    assert price([10.0], [False], 0.99, deterministic=True).cost.low == math.inf


def test_a_census_leaves_no_doubt():
    cost, reached = [10.0, 20.0, 30.0, 40.0], [True, False, True, False]
    assert expected_cost(cost, reached, deterministic=True) == (50, 50, 50)
    assert price(cost, reached, 0.99, deterministic=True).cost == (175, 175, 175)


def test_starts_without_a_cost_are_left_out():
    assert expected_cost([10.0, NAN, 10.0], [True, True, False]).value == 20
    assert np.isnan(expected_cost([], [])).all()
    assert np.isnan(price([NAN], [True], 0.95).cost).all()


# Mean cost of a success, of a failure, spread of the logarithms, probability of success, starts.
WORLDS = [
    (1.0, 1.0, 0.3, 0.05, 400),
    (1.0, 3.0, 0.5, 0.3, 100),
    (3.0, 1.0, 0.5, 0.3, 100),
    (1.0, 2.0, 0.2, 0.8, 100),
    (1.0, 1.5, 0.8, 0.02, 1000),
]


def starts_of(world, shape, rng):
    success, failure, spread, p, N = world
    reached = rng.random((shape, N)) < p
    center = np.where(reached, success, failure)
    return center * rng.lognormal(-spread * spread / 2, spread, (shape, N)), reached


@pytest.mark.parametrize("world", WORLDS)
def test_the_interval_of_the_expected_cost_covers_it(world, rng):
    success, failure, _, p, _ = world
    truth = success + failure * (1 - p) / p
    told = np.array(
        [expected_cost(*each) for each in zip(*starts_of(world, 2000, rng), strict=True)]
    )
    covered = ((told[:, 1] <= truth) & (truth <= told[:, 2])).mean()
    assert 0.93 <= covered <= 0.97


@pytest.mark.parametrize("world", WORLDS)
def test_the_interval_of_the_price_covers_it(world, rng):
    success, failure, _, p, _ = world
    truth = math.ceil(math.log(0.01) / math.log1p(-p)) * (success * p + failure * (1 - p))
    told = [price(*each, 0.99).cost for each in zip(*starts_of(world, 2000, rng), strict=True)]
    assert np.mean([cost.low <= truth <= cost.high for cost in told]) >= 0.93


def exact_distribution(cost, reached, most):
    """P(total ≤ t), t = 0 … most, by counting on from each total at which a start begins."""
    begins, ends = np.zeros(most + 1), np.zeros(most + 1)
    begins[0] = 1
    for t in range(most + 1):
        for c, hit in zip(cost, reached, strict=True):
            if t + c <= most:
                (ends if hit else begins)[t + c] += begins[t] / len(cost)
    return np.cumsum(ends)


@given(CASES.filter(lambda case: any(hit for _, hit in case)))
def test_the_distribution_of_the_cost_is_exact_between_whole_numbers(case):
    cost, reached = zip(*case, strict=True)
    budgets, share = cost_to_target(cost, reached)
    exact = exact_distribution(cost, reached, int(budgets[-1]) + 1)
    cell = (16 * sum(cost) / sum(reached) + max(cost)) / 2**14
    between = (np.abs(budgets - np.round(budgets)) > 80 * cell) & (budgets < 40)
    expected = exact[np.floor(budgets).astype(int)]
    assert share[between] == pytest.approx(expected[between], abs=1e-3)


def test_the_distribution_rises_from_the_cheapest_success(rng):
    cost, reached = rng.exponential(size=500) + 1, rng.random(500) < 0.02
    budgets, share = cost_to_target(cost, reached)
    assert budgets[0] == pytest.approx(cost[reached].min())
    assert (np.diff(budgets) > 0).all()
    assert (np.diff(share) >= 0).all()
    assert 0 <= share[0] < 0.01
    assert 0.999 <= share[-1] <= 1
    mean = budgets[0] + np.trapezoid(1 - share, budgets)
    assert mean == pytest.approx(expected_cost(cost, reached).value, rel=0.01)


def test_the_distribution_is_that_of_simulated_restarts(rng):
    cost, reached = rng.integers(5, 50, size=300), rng.random(300) < 0.1
    order = rng.integers(0, 300, size=200_000)
    total = np.cumsum(cost[order])[reached[order]]
    lengths = np.diff(np.concatenate([[0], total]))
    budgets, share = cost_to_target(cost, reached)
    simulated = np.searchsorted(np.sort(lengths), budgets, side="right") / len(lengths)
    assert np.abs(share - simulated).max() < 1.63 / math.sqrt(len(lengths)) + 0.004


def test_without_success_there_is_no_distribution():
    assert cost_to_target([1.0, 2.0], [False, False]).values.size == 0
    assert cost_to_target([0.0, 0.0], [True, False]).values.size == 0
    assert cost_to_target([0.0, 1.0], [True, False]).share[-1] == pytest.approx(1 - 2**-8, abs=5e-3)


def test_a_price_is_that_of_all_restarts():
    offer = price([10.0] * 100, [True] * 30 + [False] * 70, 0.99)
    assert offer.restarts == restarts_needed(wilson(30, 100), 0.99)
    assert offer.cost == tuple(10 * R for R in offer.restarts)


def offer_of(value, low, high):
    return Price(Estimate(1.0, 1.0, 1.0), Estimate(value, low, high))


def test_the_best_buy_is_the_cheapest_and_names_who_may_be_as_cheap():
    prices = {
        "dear": offer_of(50.0, 40.0, 60.0),
        "near": offer_of(12.0, 10.0, 15.0),
        "best": offer_of(10.0, 8.0, 11.0),
        "never": offer_of(math.inf, math.inf, math.inf),
        "unknown": offer_of(math.inf, 9.0, math.inf),
    }
    told = best_buy(prices)
    assert (told.init, told.price, told.rivals) == ("best", prices["best"], ("near", "unknown"))


def test_the_first_of_equals_is_bought_and_nobody_where_none_arrives():
    assert best_buy({"b": offer_of(1.0, 1.0, 1.0), "a": offer_of(1.0, 1.0, 1.0)}).init == "b"
    assert best_buy({"never": offer_of(math.inf, 9.0, math.inf)}) is None
    assert best_buy({}) is None
    alone = best_buy(
        {"a": offer_of(1.0, 1.0, math.inf), "no": offer_of(math.inf, math.inf, math.inf)}
    )
    assert alone.rivals == ()


def test_a_product_keeps_a_certain_factor_out_of_doubt():
    assert multiplied(Estimate(2, 1, 4), Estimate(5, 5, 5)) == (10, 5, 20)
    both = multiplied(Estimate(2, 1, 4), Estimate(2, 1, 4))
    assert both.high == pytest.approx(4 * 2 ** math.sqrt(2))
    assert multiplied(Estimate(2, 1, 4), Estimate(2, 1, 4), -1.0) == (4, 4, 4)
    assert multiplied(Estimate(2, 1, 4), Estimate(2, 1, 4), 1.0).low == pytest.approx(1)
    assert multiplied(Estimate(2, 1, 4), Estimate(3, 0, math.inf)) == (6, 0, math.inf)


def test_the_price_of_a_best_seldom_seen_has_no_high_end():
    cost, reached = [10.0] * 40, [True, *[False] * 39]
    paid = partial(price, cost, reached, 0.99)
    assert paid(seldom=True).cost == paid().cost._replace(high=math.inf)
    expected = partial(expected_cost, cost, reached)
    assert expected(seldom=True)[::2] == (expected().value, math.inf)
