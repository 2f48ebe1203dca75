"""Two inits on one data set and k: whose starts end lower, and whose reach the best more often."""

from collections.abc import Iterable
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..spec.plan import Cell
from ..statistics import REACHED, CellStatistics, Estimate, difference, superiority
from ..wording import NONE, change, likelihood
from .definitions import LOWER, REACH
from .findings import Pair
from .page import Table, anchor

if TYPE_CHECKING:
    import pandas as pd


class Source(Protocol):
    """What has cells and their starts: a study, or several as one."""

    def starts(self, cell: Cell) -> "pd.DataFrame":
        """One row a start of the cell."""

    def best(self, dataset: str, k: int) -> float:
        """Best known inertia."""

    def statistics(self, cell: Cell) -> CellStatistics:
        """What the starts of the cell say."""


class Duel(NamedTuple):
    """How the starts of `one` do against those of `other`."""

    one: str
    other: str
    lower: Estimate  # A₁₂: probability that a start of `one` ends lower, half of a tie included
    reach: Estimate  # success probability of `one` less that of `other`

    @property
    def ahead(self) -> str:
        """The init whose starts end lower, where the whole interval of A₁₂ says so; else none."""
        if self.lower.low > 0.5:
            return self.one
        return self.other if self.lower.high < 0.5 else ""


def duels(source: Source, pair: Pair) -> list[Duel]:
    """Every two inits of a data set and k that have outcomes, in the order of its cells."""
    found = [cell for cell in pair.cells if source.statistics(cell).outcomes]
    return [_duel(source, *two) for two in combinations(found, 2)]


def _duel(source: Source, one: Cell, other: Cell) -> Duel:
    a, b = source.statistics(one), source.statistics(other)
    known = _known(a), _known(b)
    lower = superiority(_ends(source, one), _ends(source, other), deterministic=known)
    return Duel(one.init, other.init, lower, difference(a.reach, b.reach))


def _known(said: CellStatistics) -> bool:
    """Whether the starts are all there are, as of a deterministic init or a census."""
    return said.reach.low == said.reach.high


def _ends(source: Source, cell: Cell) -> NDArray[np.float64]:
    """Inertia of the starts (starts,), the best known up to rounding; NaN without outcome."""
    inertia = source.starts(cell)["inertia"].to_numpy(dtype=np.float64)
    best = source.best(cell.dataset, cell.k)
    return np.where(inertia <= best * (1 + REACHED), best, inertia)


def duel_table(caption: str, found: Iterable[Duel]) -> Table:
    """Duels as a table, A₁₂ and the difference with their intervals."""
    rows = tuple(
        (
            duel.one,
            duel.other,
            likelihood(duel.lower),
            change(duel.reach),
            {duel.one: "the first", duel.other: "the second"}.get(duel.ahead, NONE),
        )
        for duel in found
    )
    columns = ("init", "against", LOWER, REACH, "ends lower")
    links = {name: anchor(name) for name in (LOWER, REACH)} | {"ends lower": anchor(LOWER)}
    return Table(caption, columns, rows, ("init", "against", "ends lower"), links)
