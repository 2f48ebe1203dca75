"""The tables of a comparison: worded for page and LaTeX, in full digits for CSV."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from ..report.definitions import GAP, RESTARTS, SUCCESS
from ..report.duels import duel_table
from ..report.page import Share, Table, anchor
from ..spec.plan import Cell
from ..wording import NONE, count, excess, interval, percent, restarts
from .verdict import names

if TYPE_CHECKING:
    from .comparison import Comparison

RANK, EQUIVALENT = "average rank", "practically equal"
DIFFERENCE, APART = "critical difference", "not told apart from"
CELLS = ["dataset", "k", "init", "starts", "outcomes", "reached"]
CELLS += ["reach", "reach_low", "reach_high", "expected_gap_1"]
CELLS += ["restarts_99", "restarts_99_low", "restarts_99_high"]


class Pair(NamedTuple):
    """One table, as it is read and as it is computed with."""

    worded: Callable[["Comparison"], Table]
    frame: Callable[["Comparison"], pd.DataFrame]


def cells(comparison: "Comparison") -> Table:
    """What each init does on each data set and k."""
    rows = tuple(_cell(comparison, cell) for cell in comparison.cells)
    columns = ("data set", "k", "init", "starts", SUCCESS, GAP, RESTARTS)
    caption = "Each init on each data set and k"
    return Table(caption, columns, rows, ("data set", "init"), links(*columns[3:]))


def grids(comparison: "Comparison") -> Iterator[Table]:
    """The same as three tables, a row a data set and k, a column an init."""
    captions = (
        "Success: share of the starts that reach the best known inertia",
        "Mean gap",
        f"Restarts that reach the best known inertia: {RESTARTS}",
    )
    columns = ("data set", "k", *comparison.inits)
    for i, caption in enumerate(captions):
        rows = []
        for pair in comparison.pairs:
            said = {cell.init: _said(comparison, cell)[i] for cell in pair.cells}
            values = [said.get(init, NONE) for init in comparison.inits]
            rows.append((pair.dataset, str(pair.k), *values))
        meant = dict.fromkeys(comparison.inits, anchor((SUCCESS, GAP, RESTARTS)[i]))
        yield Table(caption, columns, tuple(rows), ("data set",), meant)


def _cell(comparison: "Comparison", cell: Cell) -> tuple[str | Share, ...]:
    starts = count(comparison.statistics(cell).starts)
    return cell.dataset, str(cell.k), cell.init, starts, *_said(comparison, cell)


def _said(comparison: "Comparison", cell: Cell) -> tuple[str | Share, ...]:
    """Success, mean gap and restarts of a cell."""
    said = comparison.statistics(cell)
    if not said.outcomes:
        return NONE, NONE, NONE
    reach = said.reach
    text = percent(reach.value)
    if reach.low != reach.high:
        text += f" {interval(reach)}"
    needed = restarts(said.restarts[0.99])
    gap = excess(said.expected_gap.get(1, float("nan")))
    return Share(text, reach.low, reach.value, reach.high), gap, needed


def cells_frame(comparison: "Comparison") -> pd.DataFrame:
    """The same in numbers."""
    summary = comparison.summary()
    frame: pd.DataFrame = summary.reindex(columns=CELLS)
    return frame.rename(columns={"expected_gap_1": "mean_gap"})


def against(comparison: "Comparison") -> Table:
    """Every two inits on each data set and k."""
    table = duel_table("", [duel for _, found in comparison.duels for duel in found])
    heads = [(p.dataset, str(p.k)) for p, found in comparison.duels for _ in found]
    rows = tuple((*head, *row) for head, row in zip(heads, table.rows, strict=True))
    caption = "Every two inits on each data set and k"
    columns = ("data set", "k", *table.columns)
    return Table(caption, columns, rows, ("data set", *table.words), table.links)


def scores(comparison: "Comparison") -> Table:
    """The mean gaps that are ranked, and the average ranks at the foot."""
    ranking = comparison.ranking
    rows = [
        (dataset, names([str(k) for k in ranking.k[dataset]]), *map(excess, gaps))
        for dataset, *gaps in ranking.scores.itertuples()
    ]
    if ranking.ranks:
        rows.append((RANK, "", *(f"{ranking.ranks[init]:.2f}" for init in ranking.inits)))
    columns = ("data set", "k", *ranking.inits)
    meant = dict.fromkeys(ranking.inits, anchor(GAP))
    return Table("Mean gap, averaged over k", columns, tuple(rows), columns[:2], meant)


def scores_frame(comparison: "Comparison") -> pd.DataFrame:
    """The same in numbers, without the ranks."""
    ranking = comparison.ranking
    frame = ranking.scores.rename_axis(index="dataset", columns=None).reset_index()
    frame.insert(1, "k", [" ".join(map(str, ranking.k[name])) for name in frame["dataset"]])
    return frame


def ranks(comparison: "Comparison") -> Table:
    """Average ranks, and which inits cannot be told apart from each."""
    ranking = comparison.ranking
    rows = [
        (init, f"{rank:.2f}", names(ranking.close_to(init)) or NONE)
        for init, rank in ranking.ranks.items()
    ]
    columns = ("init", RANK, APART)
    return Table("Average ranks", columns, tuple(rows), (columns[0], APART), links(RANK, APART))


def ranks_frame(comparison: "Comparison") -> pd.DataFrame:
    """Average ranks with the test's numbers in every row."""
    ranking = comparison.ranking
    frame = pd.DataFrame(list(ranking.ranks.items()), columns=["init", "average_rank"])
    found = ranking.friedman
    frame["critical_difference"] = ranking.difference
    for name in ("chi_square", "F", "p"):
        frame[f"friedman_{name.lower()}"] = getattr(found, name) if found else np.nan
    return frame


def equivalence(comparison: "Comparison") -> Table:
    """Who is better, or whether it does not matter, for every two inits over the data sets."""
    rows = tuple(
        (one, other, *map(_posterior, shares))
        for one, other, *shares in comparison.equivalence().itertuples(index=False, name=None)
    )
    columns = ("init", "against", "better", EQUIVALENT, "worse")
    caption = "Probability that one init is better, practically equal, worse over data sets"
    return Table(caption, columns, rows, columns[:2], links("better", EQUIVALENT, "worse"))


def _posterior(probability: float) -> str:
    """In percent, no finer than its Monte Carlo error."""
    if probability < 0.001:
        return "<\u202f0.1\u00a0%"
    return ">\u202f99.9\u00a0%" if probability > 0.999 else f"{100 * probability:.1f}\u00a0%"


def links(*columns: str) -> dict[str, str]:
    """Columns with the address of their definition."""
    return {name: anchor(DEFINED.get(name, name)) for name in columns}


# Where another word tells it.
DEFINED = {"better": EQUIVALENT, "worse": EQUIVALENT, APART: DIFFERENCE}
TABLES: dict[str, Pair] = {
    "cells": Pair(cells, cells_frame),
    "pairs": Pair(against, lambda comparison: comparison.against()),
    "scores": Pair(scores, scores_frame),
    "ranks": Pair(ranks, ranks_frame),
    "equivalence": Pair(equivalence, lambda comparison: comparison.equivalence()),
}
