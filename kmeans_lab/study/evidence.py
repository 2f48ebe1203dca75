"""What the starts of a study say beyond their own cell's quantiles, as tables: one row a cell."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..landscape import nearest
from ..spec.plan import Cell
from ..statistics import (
    GAPS,
    REACHED,
    Estimate,
    best_buy,
    best_of,
    boender_rinnooy_kan,
    centroid_index,
    chao1,
    coassociation,
    compared,
    consistency,
    cost_to_target,
    expected_cost,
    gaps,
    good_turing,
    hill,
    mean_agreement,
    price,
    restart_counts,
    success_rate,
)
from .atlas import optima_of

if TYPE_CHECKING:
    from .study import Study

CONFIDENCE = 0.99  # with which the starts that are paid for reach the best
Row = dict[str, Any]


def richness(study: "Study") -> pd.DataFrame:
    """How many optima there are, seen and unseen; see Study.richness."""
    return _by_cell(study, _richness)


def _richness(study: "Study", cell: Cell) -> Row:
    counts = _partitions(study, cell).to_numpy()
    seen, starts = len(counts), int(counts.sum())
    exact = study.is_exact(cell)
    unseen = Estimate(0.0, 0.0, 0.0) if exact else good_turing(counts)
    total = Estimate(*[float(seen)] * 3) if exact else chao1(counts)
    posterior = boender_rinnooy_kan(seen, starts)
    return {
        "optima": seen,
        "effective": hill(counts, 1),
        "effective_2": hill(counts, 2),
        "largest": counts.max(initial=0) / max(starts, 1),
        **_estimate("unseen", unseen),
        **_estimate("chao1", total),
        "posterior_optima": float(seen) if exact else posterior.optima,
        "posterior_unseen": 0.0 if exact else posterior.unseen,
    }


def costs(study: "Study") -> pd.DataFrame:
    """What the best inertia costs, and gaps near it; see Study.costs."""
    return _by_cell(study, _costs)


def _costs(study: "Study", cell: Cell) -> Row:
    starts, reached = study.starts(cell), _gaps(study, cell) <= REACHED
    sure = _sure(study, cell)
    row: Row = {}
    for limit in GAPS:
        row |= _estimate(f"within_{limit:g}", study.success(cell, limit))
    for unit, cost in (("work", work(study, cell)), ("seconds", starts["seconds"].to_numpy(float))):
        row[unit] = float(np.nanmean(cost)) if np.isfinite(cost).any() else np.nan
        row |= _estimate(f"target_{unit}", expected_cost(cost, reached, **sure))
        row |= _estimate(f"price_{unit}", price(cost, reached, CONFIDENCE, **sure).cost)
    return row


def buy(study: "Study", cells: list[Cell]) -> Any:
    """The init of some cells whose restarts to the best cost the least work, a `Buy`, or None."""
    prices = {}
    for cell in cells:
        cost, reached = work(study, cell), _gaps(study, cell) <= REACHED
        if np.isfinite(cost).any():
            prices[cell.init] = price(cost, reached, CONFIDENCE, **_sure(study, cell))
    return best_buy(prices)


def _sure(study: "Study", cell: Cell) -> dict[str, bool]:
    """How far the share of a cell's starts that reach the best can be trusted."""
    rare = study.seldom(cell.dataset, cell.k) > 0
    return {"deterministic": study.is_exact(cell), "seldom": rare}


def work(study: "Study", cell: Cell) -> NDArray[np.float64]:
    """Distance evaluations of each start (N,): n k for every step, and those of its initializer.

    NaN where a user's own initializer does not say.
    """
    starts, n = study.starts(cell), len(study.dataset(cell.dataset).X)
    spent = starts["init_distances"].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(n * cell.k * starts["n_iter"].to_numpy(np.float64) + spent)


def cost_to_best(study: "Study", cell: Cell, unit: str = "work") -> tuple[Any, Any]:
    """Costs (m,), and the probability that restarts are there by each.

    unit: "work" for distance evaluations, "seconds".
    """
    spent = work(study, cell) if unit == "work" else study.starts(cell)["seconds"].to_numpy(float)
    reached = _gaps(study, cell) <= REACHED
    if cell.deterministic:
        return spent[reached].repeat(2), np.repeat([[0.0, 1.0]], reached.sum(), axis=0).ravel()
    found = cost_to_target(spent, reached)
    return found.values, found.share


def band(study: "Study", cell: Cell) -> tuple[Any, Any, Any]:
    """R and the 95 % band of the expected gap of the best of R, as far as the starts reach."""
    gap = np.empty(0) if study.is_exact(cell) else _gaps(study, cell)
    found = best_of(gap, restart_counts(int(np.isfinite(gap).sum())))
    inside = found.inside
    return found.restarts[inside], found.low[inside], found.high[inside]


def stability(study: "Study") -> pd.DataFrame:
    """How far two starts of a cell agree, and with the truth; see Study.stability."""
    return _by_cell(study, _stability)


def _stability(study: "Study", cell: Cell) -> Row:
    labels, counts, left = _compared(study, cell)
    row: Row = {"ari": np.nan, "ami": np.nan, "vi": np.nan, "left_out": np.nan}
    row |= {"consistency": np.nan, "least_consistent": np.nan, "coassociation": np.nan}
    if len(counts):
        alike = consistency(labels, counts)
        row = mean_agreement(labels, counts)._asdict() | {"left_out": left}
        row |= {"consistency": float(alike.mean()), "least_consistent": float(alike.min())}
        kept = coassociation(labels, counts, _best_labels(study, cell))
        row["coassociation"] = float(kept.mean())
    if cell.deterministic:
        row |= {"ari": 1.0, "ami": 1.0, "vi": 0.0, "left_out": 0.0}
        row |= {"consistency": 1.0, "least_consistent": 1.0}
    return row | _truth(study, cell)


def points(study: "Study", cell: Cell) -> NDArray[np.float64]:
    """For each point (n,), how alike two starts of the cell see it, 1 if always the same."""
    labels, counts, _ = _compared(study, cell)
    if not len(counts):
        return np.full(len(study.dataset(cell.dataset).X), np.nan)
    return consistency(labels, counts)


def _best_labels(study: "Study", cell: Cell) -> NDArray[np.uint16]:
    """Labels (n,) of the lowest optimum that any init found."""
    run = optima_of(study, cell)["run"].iloc[0]
    centers = study.runs["centers"][study.runs["run"] == run].iloc[0]
    return nearest(study.dataset(cell.dataset).X, np.reshape(centers, (cell.k, -1)))


def _truth(study: "Study", cell: Cell) -> Row:
    """Centroid Index against the means of the hidden groups, where there are any."""
    data, starts = study.dataset(cell.dataset), study.starts(cell).dropna(subset="inertia")
    if data.truth is None or starts.empty:
        return {"centroid_index": np.nan, **_estimate("found_all", Estimate(*[np.nan] * 3))}
    groups = [data.X[data.truth == group].mean(axis=0) for group in np.unique(data.truth)]
    firsts = starts.drop_duplicates("partition")
    centers = np.stack(firsts["centers"].to_list()).reshape(len(firsts), cell.k, -1)
    known = dict(zip(firsts["partition"], centroid_index(centers, groups).larger, strict=True))
    index = starts["partition"].map(known).to_numpy(dtype=np.float64)
    every = np.concatenate([index, np.full(len(study.starts(cell)) - len(index), np.nan)])
    rate = study.certain(cell, success_rate(every))
    return {"centroid_index": float(index.mean()), **_estimate("found_all", rate)}


def _compared(study: "Study", cell: Cell) -> tuple[NDArray[np.int64], NDArray[np.int64], float]:
    """Labels (P, n) of the partitions of the starts that are compared, their starts (P,).

    And the share of the converged starts that is left out, NaN where there is none.
    """
    X, starts = study.dataset(cell.dataset).X, study.starts(cell)
    ended = starts[starts["status"] == "converged"]
    taken = ended.head(compared(ended["partition"].to_numpy(str), len(X), cell.k))
    counts = taken["partition"].value_counts(sort=False)
    centers = taken.drop_duplicates("partition")["centers"]
    labels = [nearest(X, np.reshape(each, (cell.k, -1))) for each in centers]
    rows: NDArray[np.int64] = np.array(labels, dtype=np.int64).reshape(len(labels), len(X))
    left = 1 - len(taken) / len(ended) if len(ended) else np.nan
    return rows, np.asarray(counts, dtype=np.int64), left


def _partitions(study: "Study", cell: Cell) -> "pd.Series[int]":
    """Converged starts by the partition they end in, in the order the partitions appear."""
    starts = study.starts(cell)
    return starts["partition"][starts["status"] == "converged"].value_counts(sort=False)


def _gaps(study: "Study", cell: Cell) -> NDArray[np.float64]:
    return gaps(study.starts(cell)["inertia"], study.best(cell.dataset, cell.k))


def _by_cell(study: "Study", row: Callable[["Study", Cell], Row]) -> pd.DataFrame:
    return pd.DataFrame([*_rows(study, row)])


def _rows(study: "Study", row: Callable[["Study", Cell], Row]) -> Iterator[Row]:
    for cell in study.cells:
        yield {"dataset": cell.dataset, "k": cell.k, "init": cell.init} | row(study, cell)


def _estimate(name: str, estimate: Estimate) -> Row:
    return dict(zip((name, f"{name}_low", f"{name}_high"), estimate, strict=True))
