"""The report's pictures: an Info holds plain data, a drawer puts it on Axes, `draw` makes a Figure.

Infos take what statistics.py gives. Values that are not finite are left out; where nothing is left
the picture says so.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ..statistics import REACHED
from ..wording import apart, count, number
from .axes import (
    Floats,
    called,
    finite,
    from_zero,
    legend,
    looks,
    mark,
    mark_decades,
    mark_places,
    nothing,
    pairs,
    places_of,
    set_ticks,
    shapes,
)
from .canvas import blank, png, style, svg
from .diagram import RanksInfo, draw_ranks
from .evidence import CostInfo, FateInfo, PointsInfo, draw_cost, draw_fate, draw_points
from .palette import PALETTE, SOFT, UNASSIGNED, colors, markers, outline
from .portrait import PortraitInfo
from .sheet import draw_portrait

__all__ = [
    "BasinsInfo",
    "CostInfo",
    "DataInfo",
    "EcdfInfo",
    "FateInfo",
    "HistoriesInfo",
    "IterationsInfo",
    "PointsInfo",
    "PortraitInfo",
    "RanksInfo",
    "RestartsInfo",
    "ScatterInfo",
    "SweepInfo",
    "draw",
    "png",
    "svg",
]

SIZE = (4.4, 3.2)  # inches; as wide as a phone, so that letters stay legible there
ROWS = 10  # optima that get a bar of their own
REFERENCES = (0.5, 0.75)  # silhouettes that count as reasonable and as strong


class DataInfo(NamedTuple):
    """A data set and its hidden truth."""

    X: ArrayLike  # (n, d)
    columns: Sequence[str] = ()
    truth: ArrayLike | None = None  # (n,), group of each point from 0
    truth_names: Sequence[str] = ()


class EcdfInfo(NamedTuple):
    """Share of the starts of each init that end at a value or below."""

    series: Mapping[str, tuple[ArrayLike, ArrayLike]]  # init: (values, shares), both rising
    label: str = "inertia"
    best: float | None = None  # the best known; where positive, the picture shows gaps to it


class BasinsInfo(NamedTuple):
    """Where the starts end: optima by rising inertia, and the share of each init in each."""

    inertia: ArrayLike  # (m,)
    shares: Mapping[str, ArrayLike]  # init: (m,)


class RestartsInfo(NamedTuple):
    """Expected gap of the best of R starts."""

    series: Mapping[str, Mapping[int, float]]  # init: {R: gap}
    bands: Mapping[str, tuple[ArrayLike, ArrayLike, ArrayLike]] = {}  # init: (R, low, high)


class IterationsInfo(NamedTuple):
    """Steps that the starts of each init made."""

    series: Mapping[str, ArrayLike]  # init: (starts,)


class SweepInfo(NamedTuple):
    """A number against k, in one or more series."""

    k: Sequence[int]
    series: Mapping[str, ArrayLike]  # name: (len(k),)
    label: str


class ScatterInfo(NamedTuple):
    """Inertia and silhouette of the starts of each init."""

    series: Mapping[str, tuple[ArrayLike, ArrayLike]]  # init: (inertia, silhouette)


class HistoriesInfo(NamedTuple):
    """Silhouette after each assign of some starts."""

    series: Mapping[str, ArrayLike]  # name, as "best": (steps,)


def draw(info: Any, size: tuple[float, float] = SIZE) -> Figure:
    """The figure of an Info, `size` in inches."""
    figure = blank(*size, layout="constrained")
    ax = figure.add_subplot()
    DRAWERS[type(info)](ax, info)
    return figure


def draw_data(ax: Axes, info: DataInfo) -> None:
    """Points colored by their hidden group; more than two features in their principal plane."""
    X = np.asarray(info.X, dtype=np.float64)
    if not len(X):
        style(ax)
        return nothing(ax, "no point")
    places, stride = places_of(ax, X, info.columns)
    truth = np.zeros(len(X), int) if info.truth is None else np.asarray(info.truth, int)
    _draw_groups(ax, info, places, truth[::stride])
    mark_places(ax, places, X.shape[1])
    if info.truth is not None and len(np.unique(truth)) <= len(PALETTE):
        legend(ax)


def _draw_groups(ax: Axes, info: DataInfo, places: Floats, truth: Any) -> None:
    groups = np.unique(truth)
    faces, looks_of = colors(len(groups)), markers(len(groups))
    size = float(np.clip(70 / math.sqrt(len(places)), 2.0, 5.0))
    options: dict[str, Any] = {"ls": "none", "ms": size, "mew": min(0.7, size / 7)}
    for g, group in enumerate(groups):
        face = UNASSIGNED if info.truth is None else faces[g]
        name = info.truth_names[group] if 0 <= group < len(info.truth_names) else str(group)
        mine = places[truth == group].T
        ax.plot(
            *mine, marker=looks_of[g], color=face, mec=outline(face), label=called(name), **options
        )


def draw_ecdf(ax: Axes, info: EcdfInfo) -> None:
    """Steps that rise to 1; against the gap where there is a best to compare with."""
    curves = {name: pairs(*pair) for name, pair in info.series.items()}
    best = info.best if info.best and math.isfinite(info.best) else None
    label = info.label if best is None else f"{info.label} above the best known, {number(best)}"
    style(ax, label, "share of starts at or below", grid="both")
    if not any(values.size for values, _ in curves.values()):
        return nothing(ax)
    if best is not None:
        curves = {name: (_above(values, best), shares) for name, (values, shares) in curves.items()}
    every = np.concatenate([values for values, _ in curves.values()])
    for look, (name, (values, shares)) in zip(looks(), curves.items(), strict=False):
        x = np.concatenate([values[:1], values, [every.max()]])
        if values.size:
            steps = np.concatenate([[0.0], shares, shares[-1:]])
            ax.step(x, steps, where="post", label=called(name), **look)
    ax.set_ylim(0, 1.03)
    mark(ax, "y", percent=True)
    if best is None:
        mark(ax, "x")
    else:
        _gap_side(ax, every)
    legend(ax)


def _above(values: Floats, best: float) -> Floats:
    """Gaps to the best known, rounding taken for 0."""
    gap = values / best - 1
    return np.where(gap <= REACHED, 0.0, gap)


def _gap_side(ax: Axes, gaps: Floats) -> None:
    """Gaps from 0; on a logarithmic scale where they differ by more than ten times."""
    positive = gaps[gaps > 0]
    low, high = (positive.min(), positive.max()) if positive.size else (0.01, 0.01)
    if high <= 10 * low:
        ax.set_xlim(-0.03 * high, 1.03 * high)
        return mark(ax, "x", percent=True)
    ax.set_xscale("symlog", linthresh=low, linscale=0.6)
    ax.set_xlim(-0.2 * low, 1.2 * high)
    mark_decades(ax, "x", low, high)


def draw_basins(ax: Axes, info: BasinsInfo) -> None:
    """A bar for each init at each optimum, the best optimum on top."""
    style(ax, "share of starts (basin)", "optimum and its inertia", grid="x")
    inertia = np.asarray(info.inertia, dtype=np.float64)
    if not inertia.size or not info.shares:
        return nothing(ax, "no start has converged")
    shown = notable(info)
    values = apart(inertia[shown].tolist(), most=7)
    names = [f"{i + 1} · {value}" for i, value in zip(shown, values, strict=True)]
    if len(inertia) > len(shown):
        names.append(f"{count(len(inertia) - len(shown))} others")
    thick = 0.8 / len(info.shares)
    rows = np.arange(len(names))
    for j, (look, (name, shares)) in enumerate(zip(looks(), info.shares.items(), strict=False)):
        every = np.nan_to_num(np.asarray(shares, dtype=np.float64))
        bars = np.append(every[shown], every.sum() - every[shown].sum())[: len(names)]
        places = rows - 0.4 + (j + 0.5) * thick
        ax.barh(places, bars, thick, color=look["color"], label=called(name))
    set_ticks(ax, "y", rows.tolist(), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(0, None)
    mark(ax, "x", percent=True)
    legend(ax)


def notable(info: BasinsInfo) -> list[int]:
    """Places of up to ROWS optima to show: the best one, and those with the largest basins."""
    shares = np.array([np.nan_to_num(np.asarray(s, float)) for s in info.shares.values()])
    largest = shares.max(axis=0)
    largest[:1] = np.inf
    return sorted(np.argsort(-largest, kind="stable")[:ROWS].tolist())


def draw_restarts(ax: Axes, info: RestartsInfo) -> None:
    """What is still lost, on average, after the best of R starts; R on a logarithmic axis."""
    style(ax, "restarts R", "expected gap of the best of R", grid="both")
    curves = {name: pairs([*gap], [*gap.values()]) for name, gap in info.series.items()}
    if not any(R.size for R, _ in curves.values()):
        return nothing(ax)
    for look, shape, (name, (R, gap)) in zip(looks(), shapes(), curves.items(), strict=False):
        ax.plot(R, gap, marker=shape, ms=4.5, label=called(name), clip_on=False, zorder=3, **look)
        if name in info.bands:
            ax.fill_between(*info.bands[name], color=look["color"], alpha=0.18, lw=0)
    every = np.unique(np.concatenate([R for R, _ in curves.values()]))
    ax.set_xscale("log")
    ax.set_xlim(every[0] / 1.15, every[-1] * 1.15)
    some = every[:: -(-len(every) // 10)].tolist()
    set_ticks(ax, "x", some, [f"{R:.0f}" for R in some])
    from_zero(ax)
    mark(ax, "y", percent=True)
    legend(ax)


def draw_iterations(ax: Axes, info: IterationsInfo) -> None:
    """Histogram of the steps made, one outline for each init."""
    style(ax, "steps made", "share of starts", grid="y")
    counts = {name: finite(steps) for name, steps in info.series.items()}
    known = np.concatenate([np.empty(0), *counts.values()])
    if not known.size:
        return nothing(ax)
    width = max(1, math.ceil((known.max() - known.min() + 1) / 40))
    edges = np.arange(known.min(), known.max() + 2 * width, width) - 0.5
    for look, (name, steps) in zip(looks(), counts.items(), strict=False):
        share = np.histogram(steps, edges)[0] / max(len(steps), 1)
        if steps.size:
            ax.stairs(share, edges, label=called(name), **look)
            ax.stairs(share, edges, fill=True, color=look["color"], alpha=0.15)
    mark(ax, "x", least=1)
    from_zero(ax)
    mark(ax, "y", percent=True)
    legend(ax)


def draw_sweep(ax: Axes, info: SweepInfo) -> None:
    """One line for each series over k."""
    style(ax, "k", info.label, grid="both")
    curves = {name: pairs(info.k, values) for name, values in info.series.items()}
    if not any(k.size for k, _ in curves.values()):
        return nothing(ax)
    for look, shape, (name, (k, values)) in zip(looks(), shapes(), curves.items(), strict=False):
        ax.plot(k, values, marker=shape, ms=4.5, label=called(name), **look)
    mark(ax, "x", least=1)
    from_zero(ax)
    mark(ax, "y")
    legend(ax)


def draw_scatter(ax: Axes, info: ScatterInfo) -> None:
    """One mark for equal outcomes of an init, its area their share."""
    style(ax, "inertia", "silhouette", grid="both")
    known = {name: pairs(*both) for name, both in info.series.items()}
    if not any(inertia.size for inertia, _ in known.values()):
        return nothing(ax, "no silhouette is defined or recorded")
    for look, shape, (name, both) in zip(looks(), shapes(), known.items(), strict=False):
        outcomes, counts = np.unique(np.stack(both, axis=1), axis=0, return_counts=True)
        area = 18 + 500 * counts / max(len(both[0]), 1)
        edge = outline(look["color"])
        options: dict[str, Any] = {"fc": [(look["color"], 0.22)], "ec": edge, "lw": 1.1}
        ax.scatter(outcomes[:, 0], outcomes[:, 1], s=area, marker=shape, **options)
        ax.plot([], [], shape, color=look["color"], mec=edge, label=called(name))
    ax.margins(0.09)
    mark(ax, "x")
    mark(ax, "y")
    legend(ax)


def draw_histories(ax: Axes, info: HistoriesInfo) -> None:
    """Silhouettes over the steps, with the reference lines of the films."""
    style(ax, "step", "silhouette")
    curves = {name: np.asarray(scores, dtype=np.float64) for name, scores in info.series.items()}
    if not any(np.isfinite(scores).any() for scores in curves.values()):
        return nothing(ax, "no silhouette is defined or recorded")
    for look, shape, (name, scores) in zip(looks(), shapes(), curves.items(), strict=False):
        steps = np.arange(1, len(scores) + 1)
        ax.plot(steps, scores, label=called(name), marker=shape, ms=3.5, **look)
    for level in REFERENCES:
        ax.axhline(level, color=SOFT, lw=0.9, ls=(0, (4, 3)), zorder=1)
    low = min(np.nanmin([0.0, *scores]) for scores in curves.values())
    ax.set_ylim(low - 0.06 * (low < 0), 1.0)
    mark(ax, "x", least=1)
    mark(ax, "y")
    legend(ax)


DRAWERS: dict[type, Callable[[Axes, Any], None]] = {
    DataInfo: draw_data,
    EcdfInfo: draw_ecdf,
    BasinsInfo: draw_basins,
    RestartsInfo: draw_restarts,
    IterationsInfo: draw_iterations,
    SweepInfo: draw_sweep,
    ScatterInfo: draw_scatter,
    HistoriesInfo: draw_histories,
    RanksInfo: draw_ranks,
    CostInfo: draw_cost,
    FateInfo: draw_fate,
    PointsInfo: draw_points,
    PortraitInfo: draw_portrait,
}
