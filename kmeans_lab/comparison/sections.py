"""The page of a comparison: one function a section, the verdict first."""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ..pictures.alts import alt
from ..pictures.diagram import RanksInfo
from ..pictures.figures import draw, svg
from ..report.definitions import GAP, INTERVALS, LOWER, RESTARTS, SUCCESS
from ..report.duels import duel_table
from ..report.findings import listed
from ..report.page import (
    Commands,
    Glossary,
    Panel,
    Part,
    Pictures,
    Prose,
    Section,
    Span,
    Table,
    anchor,
)
from ..statistics import SELDOM, enough
from ..wording import count, number, percent
from . import tables
from .definitions import FRIEDMAN, TERMS
from .ranking import ROPE
from .tables import DIFFERENCE
from .verdict import chance, verdict

if TYPE_CHECKING:
    from .comparison import Comparison

SHOWN = 200  # rows of one kind in the page
FEW = 3  # pairs of data set and k whose cells stand in one table


def conclusion(comparison: "Comparison") -> Section:
    """Which init is ahead, and what limits that."""
    leads = [Prose(line, "lead") for line in verdict(comparison)]
    where = Prose(("Each number is explained, with its source, under ", _DEFINITIONS, "."), "aside")
    return Section("verdict", "Verdict", (*leads, *_warnings(comparison), where))


def each(comparison: "Comparison") -> Section:
    """What the inits do, data set by data set."""
    if len(comparison.pairs) <= FEW:
        parts: list[Part] = [*_shown(tables.cells(comparison), "cells")]
    else:
        words = (SUCCESS, ", ", GAP, ", ", RESTARTS)
        terms = [Span(w, "link", anchor(w)) if w != ", " else w for w in words]
        parts = [Prose(("What they mean: ", *terms, "."), "aside")]
        parts += [part for grid in tables.grids(comparison) for part in _shown(grid, "cells")]
    return Section("cells", "Each init by itself", tuple(parts))


def pairwise(comparison: "Comparison") -> Section:
    """Which of two inits does better, data set by data set."""
    line = (
        f"{LOWER} above 0.5: a start of the init more often ends lower than one of the other. "
        "The difference is in percentage points."
    )
    if not all(cell.deterministic or cell.census for cell in comparison.cells):
        line += f" {INTERVALS}"
    parts: list[Part] = [Prose((line,))]
    room = SHOWN
    for pair, found in comparison.duels:
        if not found or room <= 0:
            continue
        table = duel_table(f"{pair.dataset}, k = {pair.k}", found[:room])
        parts.append(table)
        room -= len(table.rows)
    left = sum(len(found) for _, found in comparison.duels) - (SHOWN - room)
    return Section("pairs", "Two inits at a time", (*parts, *_rest("pairs", left)))


def together(comparison: "Comparison") -> Section:
    """What the data sets say together."""
    ranking = comparison.ranking
    parts: list[Part] = [*_tested(comparison), tables.scores(comparison)]
    if ranking.friedman:
        parts += [_diagram(comparison), tables.ranks(comparison)]
    parts += _equal(comparison)
    return Section("over-data-sets", "Over the data sets", tuple(parts))


def _tested(comparison: "Comparison") -> Iterator[Prose]:
    ranking = comparison.ranking
    if ranking.left_out:
        reasons = [f"{name} ({why})" for name, why in ranking.left_out.items()]
        yield Prose((Span("Left out:"), f" {listed(reasons)}."), "warning")
    if found := ranking.friedman:
        D, m = ranking.scores.shape
        yield Prose(
            (
                f"{m} inits ranked on {D} data sets, one vote each: ",
                Span("Friedman", "link", anchor(FRIEDMAN)),
                f" χ² = {number(found.chi_square, 3)}, F = {number(found.F, 3)}, "
                f"{chance(found.p)}.",
            )
        )
    else:
        yield Prose(verdict(comparison)[0])


def _diagram(comparison: "Comparison") -> Pictures:
    ranking = comparison.ranking
    info = RanksInfo(ranking.ranks, ranking.difference, ranking.groups)
    figure = draw(info, (6.4, 1.7 + 0.22 * len(ranking.inits)))
    width, height = (round(100 * side) for side in figure.get_size_inches())
    panel = Panel("ranks.svg", alt(info), svg(figure), width, height)
    caption = (
        "Average ranks, the best on the left. A bar joins inits whose ranks differ by less than "
        "the ",
        Span(DIFFERENCE, "link", anchor(DIFFERENCE)),
        ": these data sets do not tell them apart.",
    )
    return Pictures(caption, (panel,))


def _equal(comparison: "Comparison") -> list[Part]:
    """The Bayesian test, or why it is not made."""
    D, needed = len(comparison.ranking.scores), enough(2)
    if len(comparison.ranking.inits) < 2:
        return []
    if needed > D:
        line = (
            f"Whether two inits are practically equal is not judged: it takes {needed} data sets, "
            f"with fewer not even full agreement would be beyond chance for two; there "
            f"{'is' if D == 1 else 'are'} {D}."
        )
        return [Prose((line,), "aside")]
    line = (
        f"Practically equal: mean gaps that differ by at most {percent(ROPE)} of the best known "
        "inertia."
    )
    return [*_shown(tables.equivalence(comparison), "equivalence"), Prose((line,), "aside")]


def origin(comparison: "Comparison") -> Section:
    """The studies, their data, and the command that makes this page again."""
    rows = tuple(
        (
            str(study.folder),
            f"{count(len(study.runs))} of {count(sum(cell.starts for cell in study.cells))}",
            f"{study.spec.seed}–{study.spec.seed + study.spec.most_starts - 1}",
            ", ".join(study.spec.grid.init),
            study.store.about()["spec_digest"][:12],
        )
        for study in comparison.studies
    )
    columns = ("study", "starts", "seeds", "inits", "spec digest")
    studies = Table("The studies", columns, rows, ("study", "inits"), tables.links("starts"))
    folders = shlex.join(str(study.folder) for study in comparison.studies)
    again = Commands(f"kmeans-lab compare {folders}")
    return Section("studies", "Studies", (studies, _data(comparison), again))


def _data(comparison: "Comparison") -> Table:
    known: dict[str, tuple[str, ...]] = {}
    for study in comparison.studies:
        for name, about in study.store.about()["datasets"].items():
            if name in comparison.datasets:
                shape = " × ".join(map(str, about["shape"]))
                known.setdefault(name, (name, shape, about["fingerprint"][:12]))
    columns = ("data set", "points × features", "fingerprint")
    return Table("The data", columns, tuple(known.values()), columns)


def definitions(comparison: "Comparison") -> Section:
    """What each number is, and where it comes from."""
    return Section("definitions", "Definitions", (Glossary("Numbers", TERMS, open=True),))


def _shown(table: Table, name: str) -> Iterator[Part]:
    """A table up to SHOWN rows, and where the others are."""
    yield replace(table, rows=table.rows[:SHOWN])
    yield from _rest(name, len(table.rows) - SHOWN)


def _rest(name: str, left: int) -> Iterator[Prose]:
    if left > 0:
        file = Span(f"tables/{name}.csv", "code")
        yield Prose((f"{count(left)} more rows are in ", file, "."), "aside")


def _warnings(comparison: "Comparison") -> Iterator[Prose]:
    for study in comparison.studies:
        planned, there = sum(cell.starts for cell in study.cells), len(study.runs)
        if there < planned:
            missing = Span(f"{count(planned - there)} of {count(planned)} starts are missing")
            yield Prose(
                (missing, f" in {study.folder}: its numbers are of those there."), "warning"
            )
    failed = int(comparison.runs["inertia"].isna().sum())
    if failed:
        lost = Span(f"{count(failed)} of {count(len(comparison.runs))} starts have no outcome")
        rule = f": they count as failures in {SUCCESS} and {LOWER}, and are left out of {GAP}."
        yield Prose((lost, rule), "warning")
    yield from _doubts(comparison)
    for name, called in comparison.same.items():
        yield Prose((f"{name} is the same data as {called}, and counts as it.",), "aside")


def _doubts(comparison: "Comparison") -> Iterator[Prose]:
    """Where the best known is only that of the starts, and where they saw it too seldom."""
    pairs = [(pair.dataset, pair.k) for pair in comparison.pairs]
    alone = sum(not comparison.is_elsewhere(*pair) for pair in pairs)
    rare = [f"{name}, k = {k}" for name, k in pairs if comparison.seldom(name, k)]
    if alone:
        text = f"In {alone} of {len(pairs)} pairs the best known is the best of these starts: "
        search = Span("kmeans-lab reference STUDY", "code")
        yield Prose((text, "a better one may be unseen; ", search, " searches for it."), "aside")
    if rare:
        lead = Span(f"The best was seen fewer than {SELDOM} times")
        text = f" on {listed(rare, sep='; ')}: how likely it is, and n_init, stay open."
        yield Prose((lead, text), "warning")


_DEFINITIONS = Span("Definitions", "link", "#definitions")
SECTIONS: dict[str, Callable[["Comparison"], Section]] = {
    "verdict": conclusion,
    "cells": each,
    "pairs": pairwise,
    "together": together,
    "studies": origin,
    "definitions": definitions,
}
