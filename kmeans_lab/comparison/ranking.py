"""Inits over data sets: one score for each, ranks of these, and why there may be none."""

from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from ..spec.plan import Cell
from ..statistics import (
    ALPHA,
    Friedman,
    cliques,
    critical_difference,
    enough,
    friedman,
    signed_rank,
)

if TYPE_CHECKING:
    from .comparison import Comparison

ROPE = 0.001  # mean gaps that differ by 0.1 % of the best known inertia are practically equal


class Ranking(NamedTuple):
    """Mean gaps over data sets and what they say; `friedman` is None where they are too few."""

    scores: pd.DataFrame  # (D, m), data sets by inits: mean gap of one start, averaged over k
    k: Mapping[str, tuple[int, ...]]  # over which, for each data set
    left_out: Mapping[str, str]  # data sets that give no score for every init, and why
    needed: int  # the fewest data sets that could rank so many inits
    friedman: Friedman | None = None
    difference: float = float("nan")  # the critical one, of average ranks
    groups: tuple[tuple[str, ...], ...] = ()  # inits that cannot be told apart

    @property
    def inits(self) -> list[str]:
        """What is ranked."""
        return list(self.scores.columns)

    @property
    def ranks(self) -> dict[str, float]:
        """Average rank of each init, the best first; empty where there is no ranking."""
        if self.friedman is None:
            return {}
        ranks = zip(self.inits, self.friedman.ranks.tolist(), strict=True)
        return dict(sorted(ranks, key=lambda pair: pair[1]))

    @property
    def told(self) -> bool:
        """Whether the ranks differ by more than chance."""
        return self.friedman is not None and self.friedman.p <= ALPHA

    def close_to(self, init: str) -> list[str]:
        """The other inits, by rank, that cannot be told apart from one."""
        mine = self.ranks[init]
        return [
            other
            for other, rank in self.ranks.items()
            if other != init and abs(rank - mine) < self.difference
        ]

    @property
    def leaders(self) -> list[str]:
        """The best init, and those that cannot be told apart from it, by rank."""
        best = next(iter(self.ranks))
        return [best, *self.close_to(best)]

    def equivalence(self, rope: float = ROPE) -> pd.DataFrame:
        """The Bayesian signed-rank test for every two inits, where the data sets could rank two."""
        pairs = combinations(self.inits, 2) if len(self.scores) >= enough(2) else ()
        rows = [
            (one, other, *signed_rank(self.scores[other] - self.scores[one], rope))
            for one, other in pairs
        ]
        return pd.DataFrame(rows, columns=["init", "against", "better", "equivalent", "worse"])


def ranked(comparison: "Comparison") -> Ranking:
    """Ranks of the inits, the data sets being the units whatever their k and starts."""
    scores, ks, left_out = _scores(comparison)
    D, m = scores.shape
    needed = enough(m) if m > 1 else 0
    if m < 2 or needed > D:
        return Ranking(scores, ks, left_out, needed)
    found = friedman(scores.to_numpy())
    difference = critical_difference(m, D)
    close = cliques(found.ranks, difference)
    groups = tuple(tuple(scores.columns[i] for i in group) for group in close)
    return Ranking(scores, ks, left_out, needed, found, difference, groups)


def _scores(
    comparison: "Comparison",
) -> tuple[pd.DataFrame, dict[str, tuple[int, ...]], dict[str, str]]:
    """Scores of the data sets that have one for every init, their k; why others have none."""
    gaps = pd.DataFrame(
        [(cell.dataset, cell.k, cell.init, _score(comparison, cell)) for cell in comparison.cells],
        columns=["dataset", "k", "init", "gap"],
    )
    wide = gaps.pivot(index=["dataset", "k"], columns="init", values="gap")
    order = [(pair.dataset, pair.k) for pair in comparison.pairs]
    wide = wide.reindex(index=pd.MultiIndex.from_tuples(order), columns=comparison.inits)
    whole = wide.dropna()
    ks: dict[str, tuple[int, ...]] = {}
    for dataset, k in whole.index:
        ks[dataset] = (*ks.get(dataset, ()), int(k))
    left_out = {name: _lacking(wide, name) for name in comparison.datasets if name not in ks}
    # The last digits of a mean are rounding, and must not make a rank.
    scores = whole.groupby(level=0, sort=False).mean().reindex(list(ks)).round(12)
    return scores, ks, left_out


def _score(comparison: "Comparison", cell: Cell) -> float:
    """Mean gap of a cell's starts, one without an outcome as far as the worst of all inits.

    An init must not win by failing where others end high. NaN where none has an outcome.
    """
    said = comparison.statistics(cell)
    if not said.outcomes:
        return float("nan")
    rivals = [c for c in comparison.cells if (c.dataset, c.k) == (cell.dataset, cell.k)]
    found = map(comparison.statistics, rivals)
    worst = max(each.gap.max for each in found if each.outcomes)
    failed = said.starts - said.outcomes
    return (said.outcomes * said.expected_gap[1] + failed * worst) / said.starts


def _lacking(wide: pd.DataFrame, dataset: str) -> str:
    """Why a data set gives no score: an init that has no gap there for any k, or none in common."""
    mine = wide[wide.index.get_level_values(0) == dataset]
    none = [str(init) for init in mine if mine[init].isna().all()]
    return f"no gap of {', '.join(none)}" if none else "no k that all inits share"
