"""What is best: the starts of a study, its reference search and its spec against each other."""

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..statistics import REACHED, SELDOM, best_known, gaps

if TYPE_CHECKING:
    from .study import Study

COLUMNS = {
    "dataset": "str",
    "k": "int64",
    "inertia": "float64",
    "method": "str",
    "proven": "bool",
    "swaps": "int64",
    "seconds": "float64",
    "best_start": "float64",
    "stated": "float64",
    "winner": "str",
    "margin": "float64",
}


class Contest(NamedTuple):
    """The lowest inertia from each side, for one data set and k; NaN where there is none."""

    starts: float
    reference: float
    stated: float

    @property
    def best(self) -> float:
        """The lowest of all."""
        return best_known(self)

    @property
    def elsewhere(self) -> bool:
        """Whether the best is known from elsewhere than from the starts."""
        others = best_known([self.reference, self.stated])
        return bool(others <= self.best * (1 + REACHED))

    @property
    def result(self) -> tuple[str, float]:
        """Who has it, several where they are equal but for rounding, and the gap to the next.

        The gap is 0 where nobody is behind, NaN where it is not defined.

        >>> Contest(3.0, 2.0, math.nan).result, Contest(2.0, 2.0, 3.0).result
        (('reference', 0.5), ('starts = reference', 0.5))
        """
        known = {side: x for side, x in self._asdict().items() if not math.isnan(x)}
        away = dict(zip(known, gaps([*known.values()], self.best).tolist(), strict=True))
        ahead = [side for side, gap in away.items() if gap <= REACHED]
        behind = [gap for side, gap in away.items() if side not in ahead]
        return " = ".join(ahead), min(behind, default=0.0)


def contests(study: "Study") -> dict[tuple[str, int], Contest]:
    """Who found what for each data set and k, in the spec's order."""
    starts = study.runs.groupby(["dataset", "k"])["inertia"].min()
    searched = {(row["dataset"], row["k"]): row["inertia"] for row in study.store.reference()}
    return {
        (data.label, k): Contest(
            float(starts.get((data.label, k), math.nan)),
            searched.get((data.label, k), math.nan),
            (data.best_known or {}).get(k, math.nan),
        )
        for data in study.spec.data
        for k in study.spec.grid.k
    }


def seldom(inertia: ArrayLike, best: float, elsewhere: bool, gap: float = REACHED) -> int:
    """How often starts came within a gap of the best, where too seldom to tell how likely it is.

    0 where it was often enough, where all came there, and where the best is known from `elsewhere`.
    inertia (N,): of all starts of a data set and k, NaN without outcome. See `statistics.opened`.

    >>> seldom([3.0, 4.0, 5.0], 3.0, False), seldom([3.0, 3.0], 3.0, False)
    (1, 0)
    """
    found = gaps(inertia, best)
    hits = int((found <= gap).sum())
    often = hits >= min(SELDOM, int(np.isfinite(found).sum()))
    return 0 if often or elsewhere else hits


def table(study: "Study") -> pd.DataFrame:
    """One row for each pair that a reference was searched for: see Study.reference."""
    rows = [_row(row, study.contests[row["dataset"], row["k"]]) for row in study.store.reference()]
    return pd.DataFrame(rows, columns=[*COLUMNS]).astype(COLUMNS)


def _row(stored: dict[str, Any], contest: Contest) -> dict[str, Any]:
    winner, margin = contest.result
    known = {"best_start": contest.starts, "stated": contest.stated}
    return stored | known | {"winner": winner, "margin": margin}
