"""Films of a study's starts: whom they show, and what their titles say."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..choices import PICKS
from ..film.animation import Film
from ..film.titles import Titles, titles
from ..landscape import match_labels
from ..spec.plan import Cell
from ..trace.trace import Trace
from .views import optima_of

if TYPE_CHECKING:
    from .study import Study


def film(study: "Study", wanted: Sequence[str], cell: Cell) -> Film:
    """The film of some starts of a cell side by side, cluster colors matched to the first."""
    runs = [study.found(pick, cell) for pick in wanted]
    traces = [study.trace_of(run) for run in runs]
    first = traces[0].labels[-1]
    matches = [match_labels(first, trace.labels[-1], cell.k) for trace in traces]
    pairs = zip(wanted, runs, traces, strict=True)
    said = [_titles(study, cell, pick, run, trace) for pick, run, trace in pairs]
    return Film(traces, names=wanted, matches=matches, said=said)


def _titles(study: "Study", cell: Cell, pick: str, run: int, trace: Trace) -> Titles:
    """The titles of a start, with its place among the others of its cell."""
    starts, found = study.starts(cell), optima_of(study, cell)
    row = starts[starts["run"] == run].iloc[0]
    where = found.loc[found["partition"] == row["partition"], "optimum"]
    among = f"the {pick} of {len(starts)} starts" if pick in PICKS and len(starts) > 1 else ""
    number = f"optimum {where.iloc[0]} of {len(found)}" if len(where) else ""
    return titles(trace, pick=among, study=study.spec.name, optimum=number)
