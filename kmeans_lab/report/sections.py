"""The report's findings: one function a section, from a study to its prose, tables and pictures."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..pictures.figures import ROWS, notable
from ..pictures.gallery import PANELS
from ..spec.plan import Cell
from ..statistics import reliable, share
from ..study import views
from ..wording import apart, count, excess, number, ratio
from ..wording import restarts as needed
from .definitions import BASIN, GAP, QUANTILES, RESTARTS, SUCCESS, TERMS
from .findings import Pair, cases, pairs_of, warnings
from .numbers import links
from .page import Glossary, Line, Part, Prose, Section, Share, Span, Table, anchor
from .pictures import MOST, by_cell, by_dataset, by_pair
from .rows import cell_table, share_of
from .verdict import unseen, verdict

if TYPE_CHECKING:
    import pandas as pd

    from ..study.study import Study

TRANSFER = {True: "yes", False: "no"}
GALLERY = (
    f"The best optimum and the largest basins, {PANELS} at most, with their cells or, of more than "
    "two features, clusters; outlined: points that are elsewhere than in the best, where each "
    "cluster has the color of the one it shares most points with. Bars: the inits' shares."
)
SHOWN = 6  # features, clusters that are told one by one


def conclusion(study: "Study") -> Section:
    """How much the start matters and how many restarts it takes, and what limits that."""
    known = cases(study)
    leads = [Prose(line, "lead") for line in verdict(known)]
    if len(known) > 1 and (doubt := unseen(known)):
        leads.append(Prose((doubt,), "aside"))
    words = Glossary("What the words mean", TERMS, prefix="word")
    return Section("verdict", "Verdict", (*leads, *warnings(study), words))


def data(study: "Study") -> Section:
    """The points, and the groups that k-means does not see."""
    rows = tuple(_described(study, item.label) for item in study.spec.data)
    columns = ("data set", "points", "features", "scale", "hidden groups")
    table = Table(
        "What is clustered", columns, rows, words=("data set", "features", "scale", columns[-1])
    )
    known = any(item.truth is not None for item in study.spec.data)
    caption = "The points, colored by their hidden groups, which k-means never sees."
    line = caption if known else "The points; no hidden groups are known."
    if any(len(study.dataset(item.label).columns) > 2 for item in study.spec.data):
        line += " More than two features are shown in the plane of their first two components."
    return Section("data", "The data", (table, *by_dataset(study, {"data": line})))


def _described(study: "Study", name: str) -> tuple[str, ...]:
    found, spec = study.dataset(name), study.spec.dataset(name)
    features = ", ".join(found.columns[:SHOWN])
    more = len(found.columns) - SHOWN
    features = f"{count(len(found.columns))}: {features}" + (
        f" and {more} more" if more > 0 else ""
    )
    if found.truth is None:
        return name, count(len(found.X)), features, spec.scale, "none known"
    groups = f"{found.truth_column}: {count(len(found.truth_names))}"
    return name, count(len(found.X)), features, spec.scale, groups


def ends(study: "Study") -> Section:
    """The optima, their basins, and how inertia is distributed."""
    shown = pairs_of(study)
    tables = [part for pair in shown[:MOST] for part in _ends_of(study, pair, len(shown) > 1)]
    left = len(shown) - MOST
    rest = [Prose((f"The tables of {left} more are in study.optima.",), "aside")] * (left > 0)
    captions = {
        "inertia": "Lines: share of the starts that end at most so far above the best known "
        "inertia; each step is an optimum, its height a basin.",
        "stairs": "Staircase: the starts, best first; each step is an optimum, numbered if wide.",
        "onset": "Dots: whether the beginning tells the end, by inertia at first and at last; "
        "in the legend their rank correlation.",
        "optima": f"Bars: the best optimum and the largest basins, {ROWS} at most, by inertia.",
    }
    gallery = by_pair(study, {"gallery": GALLERY})
    parts = (*tables, *rest, *by_pair(study, captions), *gallery)
    return Section("optima", "Where the starts end", parts)


def _ends_of(study: "Study", pair: Pair, named: bool) -> Iterator[Part]:
    found = views.optima_of(study, pair.cells[0])
    name = f"{pair.dataset}, k = {pair.k}: " if named else ""
    if found.empty:
        yield Prose(
            (f"{name}{'no' if named else 'No'} start has converged, so no optimum is known.",)
        )
        return
    once = int((found["starts"] == 1).sum())
    converged = "converged" if named else "Converged"
    seen = " each is reached by several starts." if len(found) > 1 else " there is no other."
    if once:
        seen = f" {count(once)} of them by one start only, so there are likely more."
    optima = Span(f"{count(len(found))} {'optimum' if len(found) == 1 else 'optima'}")
    yield Prose((f"{name}{converged} starts end in ", optima, f";{seen}"))
    yield _optima_table(study, pair, named)


def _optima_table(study: "Study", pair: Pair, named: bool) -> Table:
    info = views.optima(study, pair.cells)
    found = views.optima_of(study, pair.cells[0]).iloc[notable(info)]
    truth = found["ari"].notna().any()
    inertia = apart(found["inertia"].tolist(), most=9)
    inits = [cell.init for cell in pair.cells]
    rows: list[tuple[str | Share, ...]] = []
    for text, (_, row) in zip(inertia, found.iterrows(), strict=True):
        sizes = _sizes(row["sizes"])
        shares = [_basin(study, cell, row) for cell in pair.cells]
        scores = [ratio(row["silhouette"]), *([ratio(row["ari"])] if truth else [])]
        rows.append(
            (
                str(row["optimum"]),
                text,
                excess(row["gap"]),
                *shares,
                *scores,
                TRANSFER.get(row["transfer_improves"], "–"),
                sizes,
                str(row["run"]),
            )
        )
    columns = ("optimum", "inertia", "gap", *inits, "silhouette", *["ARI"] * bool(truth))
    every = len(views.optima_of(study, pair.cells[0]))
    some = f", the best and the largest basins, {len(found)} of {count(every)}" * (
        len(found) < every
    )
    caption = f"Optima{some}, and the share of each init's starts that end there"
    caption += f": {pair.dataset}, k = {pair.k}" * named
    words = ("a transfer improves it", "cluster sizes")
    meant = links(*columns, *words) | dict.fromkeys(inits, anchor(BASIN))
    return Table(caption, (*columns, *words, "e.g. run"), tuple(rows), words, meant)


def _sizes(sizes: tuple[int, ...]) -> str:
    """Members of the clusters, largest first; of many only the range."""
    if len(sizes) > SHOWN:
        return f"{count(sizes[-1])} to {count(sizes[0])}"
    return ", ".join(map(count, sizes))


def _basin(study: "Study", cell: Cell, row: "pd.Series[Any]") -> Share:
    """The share of a cell's starts that end in the optimum of a row."""
    outcome = study.starts(cell)["inertia"].notna().to_numpy()
    found = share(int(row.get(f"starts[{cell.init}]", 0)), outcome)
    return share_of(study.certain(cell, found), ends=False)


def restarts(study: "Study") -> Section:
    """How many restarts reach the best, and what fewer of them cost."""
    titles = ("starts", SUCCESS, "n_init for 95\u00a0%", RESTARTS)
    columns = (*titles, GAP, "of the best of 10")
    table = cell_table("Restarts that reach the best known inertia", columns, study, _restart_row)
    line = (
        "The expected gap of the best of R starts: where it is small enough for you, R restarts "
        "will do. Dotted: restarts that reach the best with probability 99\u00a0%."
    )
    notes = []
    if not all(map(study.is_exact, study.cells)):
        line += (
            " Exact over all choices of R from these starts, so as R nears their number it falls "
            "to 0 whatever there is to find, since the best known is one of them. Bands: 95\u00a0% "
            "intervals, as far as the starts reach."
        )
        overlap = (
            "In brackets: 95\u00a0% intervals. Where those of two inits overlap widely, these "
            "starts do not tell which is better; more of them would.",
        )
        notes.append(Prose(overlap, "aside"))
    parts = (table, *notes, *by_pair(study, {"restarts": line}))
    return Section("restarts", "How many restarts", parts)


def _restart_row(study: "Study", cell: Cell) -> tuple[str | Share, ...]:
    said = study.statistics(cell)
    if not said.outcomes:
        return (count(said.starts), *["–"] * 5)
    tries = [needed(said.restarts[q]) if said.reach.value >= 0 else "–" for q in (0.95, 0.99)]
    enough = study.is_exact(cell) or reliable(study.starts(cell)["inertia"], 10)
    one, ten = (excess(said.expected_gap.get(R, np.nan)) for R in (1, 10))
    return count(said.starts), share_of(said.reach), *tries, one, ten if enough else "–"


def iterations(study: "Study") -> Section:
    """How long the starts take, and why they stop."""
    columns = ("median steps", QUANTILES, "most", "how they stopped", "relocations")
    words = ("how they stopped",)
    table = cell_table("Steps and status of the starts", columns, study, _step_row, words)
    caption = "Steps made, the last one, which confirms that no point moves, included."
    pictures = by_pair(study, {"iterations": caption})
    return Section("steps", "Steps and status", (table, *pictures))


def _step_row(study: "Study", cell: Cell) -> tuple[str, ...]:
    said = study.statistics(cell)
    n_iter = said.n_iter
    status = ", ".join(f"{name} {count(times)}" for name, times in said.status.items()) or "–"
    relocated = count(int(study.starts(cell)["relocations"].sum()))
    if not said.outcomes:
        return "–", "–", "–", status, relocated
    spread = f"{n_iter.q05:.0f}–{n_iter.q95:.0f}"
    return f"{n_iter.median:.0f}", spread, f"{n_iter.max:.0f}", status, relocated


def silhouette(study: "Study") -> Section:
    """Whether a lower inertia is a better clustering by other measures."""
    truth = study.runs["ari"].notna().any()
    titles = ("rank correlation", "silhouette at the best inertia", "highest silhouette")
    agreement = ("ARI at the best inertia", "median ARI", "highest ARI") if truth else ()
    columns = (*titles, *agreement)
    table = cell_table("Inertia, silhouette, hidden groups", columns, study, _score_row)
    line: Line = (
        "Rank correlation of inertia and silhouette over the starts (Spearman): near −1 a lower "
        "inertia mostly comes with a higher silhouette, near 0 or above it does not. Whether both "
        "choose the same start is another question: compare the silhouette at the best inertia "
        "with the highest.",
    )
    dots = (
        "Silhouette against inertia of the starts; area: share of the init's starts. In the "
        "legend: their rank correlation; of few inits, whether the start of the lowest inertia has "
        "the highest silhouette."
    )
    lines = (
        "Silhouette after each step of the best, the median and the worst start by inertia. "
        "Dashed: 0.50 and 0.75, guides for the eye."
    )
    pictures = (*by_pair(study, {"scatter": dots}), *by_cell(study, "histories", lines))
    parts = (Prose(line), table, *_estimated(study), *pictures)
    return Section("silhouette", "Silhouette against inertia", parts)


def _score_row(study: "Study", cell: Cell) -> tuple[str, ...]:
    said, starts = study.statistics(cell), study.starts(cell).sort_values(["inertia", "seed"])
    best = starts[["silhouette", "ari"]].iloc[0] if said.outcomes else None
    row = [said.rank_correlation]
    row += [np.nan if best is None else best["silhouette"], starts["silhouette"].max()]
    if study.runs["ari"].notna().any():
        row += [np.nan if best is None else best["ari"], said.ari.median, said.ari.max]
    return tuple(ratio(float(value)) for value in row)


def _estimated(study: "Study") -> Iterator[Prose]:
    if "silhouette_se" in study.runs and study.runs["silhouette_se"].notna().any():
        most = number(float(study.runs["silhouette_se"].max()), 2)
        text = (
            f"Silhouettes are estimates from a sample of the points; standard error up to {most}."
        )
        yield Prose((text,), "aside")


def over_k(study: "Study") -> Section | None:
    """What changes with k, where there are several."""
    if len(set(study.spec.grid.k)) < 2:
        return None
    captions = {
        "inertia-by-k": "The best known inertia, and the median of the starts of each init.",
        "optima-by-k": "How many different optima the starts of each init end in.",
    }
    pictures = by_dataset(study, captions)
    inits = study.spec.grid.init
    rows = tuple(_k_row(study, pair) for pair in pairs_of(study))
    optima = tuple(f"optima: {init}" for init in inits)
    columns = ("data set", "k", "best inertia", *optima)
    meant = links("best inertia") | dict.fromkeys(optima, anchor("optima seen"))
    caption = "Best known inertia, and number of optima found"
    table = Table(caption, columns, rows, ("data set",), meant)
    return Section("over-k", "Over k", (*pictures, table))


def _k_row(study: "Study", pair: Pair) -> tuple[str, ...]:
    optima = [count(study.statistics(cell).optima) for cell in pair.cells]
    return pair.dataset, str(pair.k), number(study.best(pair.dataset, pair.k)), *optima
