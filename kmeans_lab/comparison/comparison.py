"""What a user holds of several studies: their inits, data set by data set and over all."""

from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path

import pandas as pd

from ..report.duels import Duel, duels
from ..report.findings import Pair, pairs_in
from ..spec.plan import Cell
from ..statistics import CellStatistics, describe
from ..study.contest import seldom
from ..study.study import DESCRIBED, Study, flat
from .joining import CELL, joined
from .ranking import ROPE, Ranking, ranked


class Comparison:
    """Several studies as one.

    cells: theirs, each once, `starts` being how many different ones there are.
    Raises SpecError where the studies may not be compared: different data under one name, another
    [lloyd], other code of an init.
    """

    def __init__(self, studies: str | Path | Study | Sequence[str | Path | Study]) -> None:
        if isinstance(studies, str | Path | Study):
            studies = [studies]
        self.studies = [each if isinstance(each, Study) else Study(each) for each in studies]
        self.cells, self.runs, self._best, self._elsewhere, self.same = joined(self.studies)
        self._starts = dict(iter(self.runs.groupby(CELL)))
        self.statistics = cache(self._statistics)
        self._equivalence = cache(lambda rope: self.ranking.equivalence(rope))

    def __repr__(self) -> str:
        folders = ", ".join(str(study.folder) for study in self.studies)
        return f"<Comparison of {folders}: {len(self.runs)} starts in {len(self.cells)} cells>"

    @property
    def datasets(self) -> list[str]:
        """Names of the data sets."""
        return list(dict.fromkeys(cell.dataset for cell in self.cells))

    @property
    def inits(self) -> list[str]:
        """Names of the inits."""
        return list(dict.fromkeys(cell.init for cell in self.cells))

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The pairs of data set and k with their cells."""
        return pairs_in(self.cells)

    def starts(self, cell: Cell) -> pd.DataFrame:
        """The starts of a cell in all studies: seed, status, inertia, …"""
        return self._starts.get((cell.dataset, cell.k, cell.init), self.runs.iloc[:0])

    def best(self, dataset: str, k: int) -> float:
        """Best known inertia of a data set and k over all studies; NaN for none."""
        return self._best[dataset, k]

    def _statistics(self, cell: Cell) -> CellStatistics:
        """What the starts of a cell say."""
        starts, best = self.starts(cell), self.best(cell.dataset, cell.k)
        columns = {name: starts[name].to_numpy() for name in DESCRIBED}
        exact, rare = cell.deterministic or cell.census, self.seldom(cell.dataset, cell.k) > 0
        return describe(**columns, best=best, exact=exact, seldom=rare)

    def seldom(self, dataset: str, k: int) -> int:
        """How often the best was seen, if too seldom to tell how likely it is, else 0."""
        mine = self.runs[(self.runs["dataset"] == dataset) & (self.runs["k"] == k)]
        return seldom(mine["inertia"], self.best(dataset, k), self.is_elsewhere(dataset, k))

    def is_elsewhere(self, dataset: str, k: int) -> bool:
        """Whether not only a sample of starts tells the best inertia of a data set and k.

        But a reference search, a spec, or all the starts there are.
        """
        mine = [cell for cell in self.cells if (cell.dataset, cell.k) == (dataset, k)]
        return (dataset, k) in self._elsewhere or any(cell.census for cell in mine)

    def summary(self) -> pd.DataFrame:
        """One row a cell, as `Study.summary` has them."""
        return pd.DataFrame(
            {"dataset": cell.dataset, "k": cell.k, "init": cell.init} | flat(self.statistics(cell))
            for cell in self.cells
        )

    @cached_property
    def duels(self) -> list[tuple[Pair, list[Duel]]]:
        """For each data set and k, every two of its inits that have outcomes."""
        return [(pair, duels(self, pair)) for pair in self.pairs]

    def against(self) -> pd.DataFrame:
        """One row for every two inits of a data set and k.

        `a12`: probability that a start of `init` ends at a lower inertia than one of `against`,
        half of a tie included. `difference`: of their probabilities to reach the best known. Both
        with 95 % intervals in the columns …_low and …_high.
        """
        names = ("dataset", "k", "init", "against", "a12", "a12_low", "a12_high")
        columns = [*names, "difference", "difference_low", "difference_high"]
        rows = [
            (pair.dataset, pair.k, duel.one, duel.other, *duel.lower, *duel.reach)
            for pair, found in self.duels
            for duel in found
        ]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def ranking(self) -> Ranking:
        """What the data sets say together, where they are enough."""
        return ranked(self)

    def equivalence(self, rope: float = ROPE) -> pd.DataFrame:
        """One row for every two inits, over data sets: who is better, or practically equal.

        Posterior probabilities of the Bayesian signed-rank test on mean gaps; gaps that differ by
        up to `rope` are equal. No row where there are too few data sets.
        """
        return self._equivalence(rope).copy()

    def report(self, folder: str | Path) -> Path:
        """Write report.html, its tables as CSV and LaTeX, and the rest; gives the page's path.

        Raises SpecError where the folder holds something else, RunError where it cannot be written.
        """
        from .report import build

        return build(self, Path(folder))
