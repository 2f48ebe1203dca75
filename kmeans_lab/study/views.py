"""The pictures of a study by name, and which of its numbers go into each."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..choices import PICKS
from ..errors import RunError, SpecError, suggest
from ..fates import Fates
from ..pictures.figures import (
    BasinsInfo,
    CostInfo,
    DataInfo,
    EcdfInfo,
    FateInfo,
    HistoriesInfo,
    IterationsInfo,
    OnsetInfo,
    PointsInfo,
    RestartsInfo,
    ScatterInfo,
    StairsInfo,
    SweepInfo,
    draw,
)
from ..spec.plan import Cell
from ..statistics import REACHED, ecdf, rank_correlation
from . import evidence
from .atlas import optima_of as optima_of
from .atlas import shares_of
from .doubt import doubt
from .gallery import gallery
from .ways import ways_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .study import Study

Cells = Sequence[Cell]


class View(NamedTuple):
    """How a picture is made, and what has to be chosen for it: of dataset, k, init."""

    info: Callable[["Study", Cells], Any]
    needs: tuple[str, ...]


def figure(
    study: "Study",
    name: str,
    *,
    dataset: str | None = None,
    k: int | None = None,
    init: str | None = None,
) -> "Figure":
    """The picture of that name; what it needs may be left out where the study has one value for it.

    Raises SpecError for an unknown name, and where a choice is missing or unknown.
    """
    if name in ("portrait", "film"):  # of one start, so with choices of their own
        call = "study.portrait()" if name == "portrait" else "study.animate()"
        raise SpecError(f"{name!r} is no figure of {study.folder}; call {call}")
    if name not in FIGURES:
        raise SpecError(f"unknown figure {name!r} of {study.folder}{suggest(name, FIGURES)}")
    view = FIGURES[name]
    return draw(view.info(study, _chosen(study, view.needs, dataset=dataset, k=k, init=init)))


def _chosen(study: "Study", needs: Sequence[str], **given: Any) -> list[Cell]:
    """The cells that are meant: those of what is given, or needed and the only one."""
    first = study.cells[0]
    asked = {key: getattr(first, key) for key in given if key not in needs} | {
        key: value for key, value in given.items() if key in needs or value is not None
    }
    found = study.cell(**asked)
    fixed = [key for key, value in given.items() if key in needs or value is not None]
    return [
        cell
        for cell in study.cells
        if all(getattr(cell, key) == getattr(found, key) for key in fixed)
    ]


def data(study: "Study", cells: Cells) -> DataInfo:
    """The points of a data set with their hidden groups."""
    found = study.dataset(cells[0].dataset)
    return DataInfo(found.X, found.columns, found.truth, found.truth_names)


def inertia(study: "Study", cells: Cells) -> EcdfInfo:
    """Share of the starts that end at an inertia or below."""
    series = {cell.init: _starts(study, cell, "inertia") for cell in cells}
    best = study.best(cells[0].dataset, cells[0].k)
    steps = {init: (found.values, found.share) for init, found in _apply(ecdf, series).items()}
    return EcdfInfo(steps, best=best)


def optima(study: "Study", cells: Cells) -> BasinsInfo:
    """Where the starts end, and the share of each init."""
    found = optima_of(study, cells[0])
    shares = {cell.init: shares_of(found, cell.init) for cell in cells}
    return BasinsInfo(found["inertia"].to_numpy(), shares)


def restarts(study: "Study", cells: Cells) -> RestartsInfo:
    """Expected gap of the best of R starts."""
    gaps = {cell.init: study.statistics(cell).expected_gap for cell in cells}
    bands = {cell.init: evidence.band(study, cell) for cell in cells}
    shown = {init: band for init, band in bands.items() if len(band[0])}
    needed = {cell.init: study.statistics(cell).restarts[0.99].value for cell in cells}
    return RestartsInfo(gaps, shown, {init: R for init, R in needed.items() if np.isfinite(R)})


def cost(study: "Study", cells: Cells) -> CostInfo:
    """Probability that restarts have reached the best, by the work done."""
    return CostInfo({cell.init: evidence.cost_to_best(study, cell) for cell in cells})


def seconds(study: "Study", cells: Cells) -> CostInfo:
    """The same by the time on one core."""
    found = {cell.init: evidence.cost_to_best(study, cell, "seconds") for cell in cells}
    return CostInfo(found, "seconds on one core")


def fate(study: "Study", cells: Cells) -> FateInfo:
    """When the starts merge, and when it shows where they end."""
    found = {cell.init: None if cell.deterministic else study.fates(cell) for cell in cells}
    return FateInfo({init: _shares(fates) if fates else ([], []) for init, fates in found.items()})


def _shares(fates: Fates) -> tuple[Any, Any]:
    """Shares of the starts merged and sealed after each step, until nine in ten have ended."""
    last = int(np.quantile(fates.steps, 0.9)) if len(fates.steps) else 0
    steps = np.arange(1, last + 1)[:, None]
    merged = (fates.merged > 0) & (fates.merged <= steps)
    return merged.mean(axis=1), (fates.sealed <= steps).mean(axis=1)


def points(study: "Study", cells: Cells) -> PointsInfo:
    """The points by how alike two starts of a cell see them."""
    data = study.dataset(cells[0].dataset)
    return PointsInfo(data.X, data.columns, evidence.points(study, cells[0]))


def iterations(study: "Study", cells: Cells) -> IterationsInfo:
    """Steps made by the starts that have an outcome."""
    ended = {cell.init: study.starts(cell).dropna(subset="inertia") for cell in cells}
    return IterationsInfo({init: starts["n_iter"].to_numpy() for init, starts in ended.items()})


def scatter(study: "Study", cells: Cells) -> ScatterInfo:
    """Silhouette against inertia."""
    columns = ("inertia", "silhouette")
    series = {cell.init: tuple(_starts(study, cell, name) for name in columns) for cell in cells}
    ranks = {cell.init: study.statistics(cell).rank_correlation for cell in cells}
    same = {init: _same_best(*both) for init, both in series.items() if np.isfinite(both[1]).any()}
    return ScatterInfo(series, {init: rank for init, rank in ranks.items() if rank == rank}, same)


def _same_best(inertia: Any, silhouette: Any) -> bool:
    """Whether a start of the lowest inertia has the highest silhouette, but for rounding."""
    lowest = inertia <= np.nanmin(inertia) * (1 + REACHED)
    return bool(np.nanmax(silhouette[lowest], initial=-2.0) >= np.nanmax(silhouette) - REACHED)


def stairs(study: "Study", cells: Cells) -> StairsInfo:
    """Starts sorted by inertia, and the optima they end in."""
    found = optima_of(study, cells[0])
    optima = dict(zip(found["optimum"].tolist(), found["inertia"].tolist(), strict=True))
    curves = inertia(study, cells)
    return StairsInfo(curves.series, optima, study.best(cells[0].dataset, cells[0].k))


def onset(study: "Study", cells: Cells) -> OnsetInfo:
    """Final against initial inertia."""
    columns = ("initial_inertia", "inertia")
    series = {cell.init: tuple(_starts(study, cell, name) for name in columns) for cell in cells}
    ranks = {init: rank_correlation(*both) for init, both in series.items()}
    return OnsetInfo(series, study.best(cells[0].dataset, cells[0].k), ranks)


def histories(study: "Study", cells: Cells) -> HistoriesInfo:
    """Silhouette after each step of the best, the median and the worst start of a cell."""
    found = {pick: study.chosen(pick, cells[0]) for pick in PICKS}
    return HistoriesInfo(
        {pick: _silhouettes(study, run) for pick, run in found.items() if run is not None}
    )


def _silhouettes(study: "Study", run: int) -> Any:
    """Recorded or replayed; none where a start can no longer be replayed."""
    steps = study.store.steps([run]).sort_by("iteration")
    if len(steps):
        return steps["silhouette"].to_pandas().to_numpy(dtype=np.float64)
    try:
        return study.trace_of(run).silhouette
    except (RunError, SpecError):
        return np.empty(0)


def inertia_by_k(study: "Study", cells: Cells) -> SweepInfo:
    """The best known inertia, and the median of the starts of each init, against k."""
    ks = _ks(cells)
    series = {"best known": [study.best(cells[0].dataset, k) for k in ks]}
    series |= _by_init(study, cells, lambda said: said.inertia.median, "median of ")
    return SweepInfo(ks, series, "inertia")


def optima_by_k(study: "Study", cells: Cells) -> SweepInfo:
    """Number of distinct optima that the starts of each init end in, against k."""
    return SweepInfo(
        _ks(cells), _by_init(study, cells, lambda said: said.optima), "number of optima found"
    )


def _by_init(
    study: "Study", cells: Cells, value: Callable[[Any], float], prefix: str = ""
) -> dict[str, Any]:
    said = {(cell.init, cell.k): value(study.statistics(cell)) for cell in cells}
    inits = dict.fromkeys(cell.init for cell in cells)
    return {f"{prefix}{init}": [said[init, k] for k in _ks(cells)] for init in inits}


def _ks(cells: Cells) -> list[int]:
    return sorted({cell.k for cell in cells})


def _starts(study: "Study", cell: Cell, column: str) -> Any:
    return study.starts(cell)[column].to_numpy(dtype=np.float64)


def _apply(function: Callable[[Any], Any], series: dict[str, Any]) -> dict[str, Any]:
    return {name: function(values) for name, values in series.items()}


FIGURES: dict[str, View] = {
    "data": View(data, ("dataset",)),
    "inertia": View(inertia, ("dataset", "k")),
    "optima": View(optima, ("dataset", "k")),
    "gallery": View(gallery, ("dataset", "k")),
    "stairs": View(stairs, ("dataset", "k")),
    "onset": View(onset, ("dataset", "k")),
    "restarts": View(restarts, ("dataset", "k")),
    "cost": View(cost, ("dataset", "k")),
    "seconds": View(seconds, ("dataset", "k")),
    "fate": View(fate, ("dataset", "k")),
    "points": View(points, ("dataset", "k", "init")),
    "doubt": View(lambda study, cells: doubt(study, cells[0]), ("dataset", "k", "init")),
    "ways": View(lambda study, cells: ways_of(study, cells[0]), ("dataset", "k", "init")),
    "iterations": View(iterations, ("dataset", "k")),
    "scatter": View(scatter, ("dataset", "k")),
    "histories": View(histories, ("dataset", "k", "init")),
    "inertia-by-k": View(inertia_by_k, ("dataset",)),
    "optima-by-k": View(optima_by_k, ("dataset",)),
}
