"""What a report says first: the cases for the verdict, and what a reader has to be warned of."""

import math
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..spec.plan import Cell
from ..statistics import REACHED
from ..study.atlas import optima_of
from ..study.contest import Contest
from ..wording import count, excess, number
from .page import Line, Prose, Span
from .verdict import Case, Reach

if TYPE_CHECKING:
    from ..study.study import Study

ROUNDED = 1e-3  # a stated best inertia this close below what was found may have been rounded
ADVICE = {
    "max_iter": "were cut off by max_iter = {max_iter} before they converged: raise [lloyd] "
    "max_iter",
    "tol": "were stopped by tol = {tol} before they converged, so their partitions are not counted "
    "as optima: set [lloyd] tol = 0",
    "cycle": "came back to labels they had before, and were stopped: they count as not converged. "
    'Relocating empty clusters can do that; [lloyd] empty = "keep" does not relocate',
    "empty_cluster": "were ended by an empty cluster and have no outcome: they count as failures. "
    '[lloyd] empty = "relocate" lets them go on',
    "error": "failed and have no outcome: they count as failures. The first note, of {init}, says: "
    "{note}{others}. To run them again: kmeans-lab run SPEC --retry",
}


class Pair(NamedTuple):
    """The cells of one data set and k."""

    dataset: str
    k: int
    cells: tuple[Cell, ...]


def pairs_of(study: "Study") -> tuple[Pair, ...]:
    """The pairs of data set and k, in the spec's order."""
    return pairs_in(study.cells)


def pairs_in(cells: Sequence[Cell]) -> tuple[Pair, ...]:
    """The pairs of data set and k of some cells, in their order."""
    found: dict[tuple[str, int], list[Cell]] = {}
    for cell in cells:
        found.setdefault((cell.dataset, cell.k), []).append(cell)
    return tuple(Pair(dataset, k, tuple(mine)) for (dataset, k), mine in found.items())


def cases(study: "Study") -> tuple[Case, ...]:
    """What the verdict is about."""
    return tuple(_case(study, pair) for pair in pairs_of(study))


def _case(study: "Study", pair: Pair) -> Case:
    found = [
        Reach(
            cell.init,
            said.starts,
            said.reach,
            said.restarts[0.99],
            said.expected_gap.get(1, float("nan")),
            cell.deterministic,
            said.starts - said.outcomes,
        )
        for cell in pair.cells
        if (said := study.statistics(cell)).outcomes
    ]
    best = study.best(pair.dataset, pair.k)
    given = stated(study, pair) == best
    searched = _searched(study, pair)
    seldom = study.seldom(pair.dataset, pair.k)
    return Case(
        *(pair.dataset, pair.k, best, given, tuple(found), *searched),
        improvable=_improvable(study, pair),
        seldom=seldom,
    )


def _improvable(study: "Study", pair: Pair) -> bool:
    """Whether the best known is that of an optimum that a transfer improves."""
    found = optima_of(study, pair.cells[0])
    best = found[found["optimum"] == 1]
    reached = best["gap"].le(REACHED) & best["transfer_improves"].fillna(False)
    return bool(reached.any())


def _searched(study: "Study", pair: Pair) -> tuple[str, int]:
    """How a reference search fared against the starts, as Case says it, and its swaps."""
    table = study.reference
    mine = table[(table["dataset"] == pair.dataset) & (table["k"] == pair.k)]
    if mine.empty:
        return "", 0
    row = mine.iloc[0]
    if row["proven"]:
        return "proven", 0
    winner, _ = Contest(row["best_start"], row["inertia"], math.nan).result
    how = {"reference": "ahead", "starts": "behind"}.get(winner, "equal")
    return how, int(row["swaps"])


def stated(study: "Study", pair: Pair) -> float | None:
    """The best known inertia that the spec states, if it does."""
    return (study.spec.dataset(pair.dataset).best_known or {}).get(pair.k)


def warnings(study: "Study") -> tuple[Prose, ...]:
    """What limits the numbers, each with what helps."""
    lines = [*_missing(study), *_lost(study), *_statuses(study)]
    lines += [*_silent(study), *_unreached(study)]
    return tuple(Prose(line, "warning") for line in lines)


def _missing(study: "Study") -> Iterator[Line]:
    planned, there = sum(cell.starts for cell in study.cells), len(study.runs)
    if there < planned:
        yield (
            Span(f"{count(planned - there)} of {count(planned)} starts are missing."),
            " All numbers are those of the starts that are there. To complete the study: ",
            Span("kmeans-lab run SPEC", "code"),
        )


def _lost(study: "Study") -> Iterator[Line]:
    """What was stored, by the spec and study.json, and is not there."""
    repair = Span(f"kmeans-lab verify {shlex.quote(f'results/{study.spec.name}')} --repair", "code")
    if blocks := study.store.without_steps() if study.spec.record.steps else []:
        of = len(study.store.names())
        told = f" of {count(len(blocks))} of {count(of)} blocks of starts: they were recorded, and "
        told += "what is told of steps is of the others. To have them again: "
        yield Span("The steps are missing"), told, repair
    searched = {f"{row['dataset']}/{row['k']}" for row in study.store.reference()}
    if lost := [pair for pair in study.store.about().get("reference", {}) if pair not in searched]:
        told = f" of {listed(lost)}: it was searched for, and gaps and shares may refer to a worse "
        yield Span("The reference is missing"), f"{told}best. To have it again: ", repair


def _statuses(study: "Study") -> Iterator[Line]:
    counts = study.runs["status"].value_counts()
    for status, advice in ADVICE.items():
        if status in counts:
            mine, lloyd = study.runs[study.runs["status"] == status], study.spec.lloyd
            more = mine["init"].nunique() - 1
            others = f"; starts of {more} other init{'s' * (more > 1)} failed too" * (more > 0)
            known = {"max_iter": lloyd.max_iter, "tol": lloyd.tol, "others": others}
            told = advice.format(**known, **mine.iloc[0][["init", "note"]])
            share = f"{count(int(counts[status]))} of {count(len(study.runs))} starts"
            yield Span(share), f" {told}."


def _silent(study: "Study") -> Iterator[Line]:
    silent = [cell for cell in study.cells if not study.statistics(cell).outcomes]
    if not silent or study.runs.empty:
        return
    absent = [cell.label for cell in silent if study.starts(cell).empty]
    failed = [cell.label for cell in silent if cell.label not in absent]
    if absent:
        yield Span("Every start is missing"), f" in {listed(absent)}: nothing is said of them."
    if failed:
        yield Span("No start has an outcome"), f" in {listed(failed)}: nothing is said of them."


def _unreached(study: "Study") -> Iterator[Line]:
    missed = []
    for pair in pairs_of(study):
        best = study.best(pair.dataset, pair.k)
        gaps = [study.statistics(cell).gap.min for cell in pair.cells]
        closest = min((gap for gap in gaps if gap >= 0), default=0.0)
        if closest > REACHED and stated(study, pair) == best:
            hint = " If that number was rounded, give it with all its digits."
            yield (
                Span("No start reaches the stated best"),
                f" of {pair.dataset}, k = {pair.k} ({number(best, 12)}); the closest is "
                f"{excess(closest)} above it.{hint * (closest < ROUNDED)}",
            )
        elif closest > REACHED:
            missed.append(f"{pair.dataset}, k = {pair.k} ({excess(closest)} above it)")
    if missed:
        yield Span("No start reaches the best of the reference"), f" of {listed(missed, sep='; ')}."


def listed(names: Sequence[str], most: int = 6, sep: str = ", ") -> str:
    """Some names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return sep.join(names[:most]) + more
