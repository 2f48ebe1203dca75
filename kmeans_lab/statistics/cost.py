"""What the target costs: starts repeated until one reaches it, and which init is the best buy.

`cost` (N,) is what each start of a cell spent, in distance evaluations (n·k·n_iter and those of its
init) or in seconds; `reached` (N,) says whether it reached the target. Starts whose cost is NaN are
left out. `deterministic`: the starts are all there are, one of an init without chance or a census.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .estimates import Estimate, Z, certain, opened, product, wilson
from .restarts import restarts_needed
from .values import Ecdf

__all__ = ["Buy", "Price", "best_buy", "cost_to_target", "expected_cost", "price"]

CELLS = 1 << 14  # of the grid that a distribution of costs is computed on
SPAN = 16  # expected costs that the grid spans: what is beyond has probability near e^-16
SHOWN = 7  # expected costs that are shown
BUDGETS = 200


class Price(NamedTuple):
    """What an init asks for the target: so many starts, all run, reach it with the confidence."""

    restarts: Estimate
    cost: Estimate  # of these starts


class Buy(NamedTuple):
    """The init with the lowest price, and those whose interval of costs meets its own."""

    init: str
    price: Price
    rivals: tuple[str, ...]


def expected_cost(
    cost: ArrayLike, reached: ArrayLike, *, deterministic: bool = False, seldom: bool = False
) -> Estimate:
    """Expected cost to reach the target by starts repeated until one does: total cost / successes.

    The interval puts that of the mean cost (log-normal) and Wilson's of the success probability
    together, with their correlation. Infinite without a success, its low end then the mean cost
    over the highest probability. seldom: see `opened`.
    Sources: Auger & Hansen, Performance evaluation of an advanced local search evolutionary
    algorithm (2005), section 3; Hansen et al., COCO: performance
    assessment (2016), section 4; interval: Zou & Donner (2008), see `product`.

    >>> expected_cost([10.0, 20.0, 10.0, 20.0], [True, False, True, False]).value
    30.0
    """
    spent, hits = _known(cost, reached)
    mean, reach = _mean(spent, deterministic), _reach(hits, deterministic, seldom)
    each = Estimate(*(1 / p if p else math.inf for p in (reach.value, reach.high, reach.low)))
    return product(mean, each, -_correlation(spent, hits))


def cost_to_target(cost: ArrayLike, reached: ArrayLike) -> Ecdf:
    """Distribution of the cost to reach the target by starts repeated until one does.

    The sum of a geometric number of failures, drawn from those seen, and one success: its
    distribution is computed, not simulated, on a grid of about a thousandth of the expected cost,
    and read at 200 budgets in equal ratios, from the cheapest success up. Empty without a success
    and where nothing costs anything.
    Sources: Hoos & Stützle, Stochastic local search (2004), section 4.2 (run-time distributions);
    Hansen et al., COCO: performance assessment (2016), section 4 (simulated restarts).
    """
    spent, hits = _known(cost, reached)
    if not hits.any() or not spent.any():
        return Ecdf(np.empty(0), np.empty(0))
    expected = spent.sum() / hits.sum()
    cell = (SPAN * expected + spent.max()) / CELLS
    success, failure = (np.fft.rfft(_spread(spent[part] / cell)) for part in (hits, ~hits))
    # Σ failureᵐ · success over the number m of failures, the masses being shares of all starts.
    mass = np.fft.irfft(success / (spent.size - failure), CELLS)
    reached_by = np.minimum(np.maximum.accumulate(np.cumsum(mass)), 1.0)
    cheapest = max(spent[hits].min(), cell)
    budgets = np.geomspace(cheapest, max(SHOWN * expected, 2 * cheapest), BUDGETS)
    return Ecdf(budgets, np.interp(budgets / cell, np.arange(CELLS), reached_by))


def price(
    cost: ArrayLike,
    reached: ArrayLike,
    confidence: float,
    *,
    deterministic: bool = False,
    seldom: bool = False,
) -> Price:
    """Starts that together reach the target with `confidence`, and the cost to run them all.

    That is what a fixed number of starts (n_init) costs; who sees the target reached and stops
    pays `expected_cost`. An init without chance needs one start or never gets there. The ends of
    the cost are those of the mean cost times those of the restarts: on the safe side, as the two go
    together and restarts are whole numbers. seldom: see `opened`.

    >>> price([10.0] * 100, [True] * 30 + [False] * 70, 0.99).cost
    Estimate(value=130.0, low=100.0, high=190.0)
    """
    spent, hits = _known(cost, reached)
    restarts = restarts_needed(_reach(hits, deterministic, seldom), confidence)
    each = zip(_mean(spent, deterministic), restarts, strict=True)
    return Price(restarts, Estimate(*(cost * R for cost, R in each)))


def best_buy(prices: Mapping[str, Price]) -> Buy | None:
    """The init whose restarts cost least, the first of equals; None where none got there."""
    able = {init: offer for init, offer in prices.items() if offer.cost.value < math.inf}
    if not able:
        return None
    init = min(able, key=lambda name: able[name].cost.value)
    best = able[init].cost.high
    rivals = [name for name, offer in prices.items() if name != init and offer.cost.low <= best]
    return Buy(init, able[init], tuple(name for name in rivals if prices[name].cost.low < math.inf))


def _known(cost: ArrayLike, reached: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    spent, hits = np.asarray(cost, dtype=np.float64), np.asarray(reached, dtype=np.bool_)
    known = ~np.isnan(spent)
    return spent[known], hits[known]


def _reach(hits: NDArray[np.bool_], deterministic: bool, seldom: bool) -> Estimate:
    reach = wilson(int(hits.sum()), hits.size)
    if deterministic:
        return certain(reach.value)
    return opened(reach) if seldom else reach


def _mean(cost: NDArray[np.float64], deterministic: bool) -> Estimate:
    """Mean cost and its log-normal interval; NaN without starts, no interval for a single one."""
    if not cost.size:
        return certain(math.nan)
    mean = float(cost.mean())
    if deterministic or cost.size == 1 or mean == 0:
        return certain(mean)
    spread = math.exp(Z * float(cost.std(ddof=1)) / mean / math.sqrt(cost.size))
    return Estimate(mean, mean / spread, mean * spread)


def _correlation(cost: NDArray[np.float64], hits: NDArray[np.bool_]) -> float:
    """Pearson's; 0 where one is constant."""
    if hits.all() or not hits.any() or np.ptp(cost) == 0:
        return 0.0
    return float(np.corrcoef(cost, hits)[0, 1])


def _spread(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each position's mass 1 shared by the two cells next to it, so that the mean is kept."""
    cells = positions.astype(np.int64)
    part = positions - cells
    mass = np.bincount(cells, 1 - part, CELLS) + np.bincount(cells + 1, part, CELLS)
    return np.asarray(mass, dtype=np.float64)
