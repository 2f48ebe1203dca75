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
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from .canvas import NORMAL, SMALL, blank, literal, png, shortened, style, svg
from .palette import INK, PALETTE, SCORE, SOFT, UNASSIGNED, colors, markers, outline
from .scene import DRAWN, MANY, RATIO, fitted, plane
from .wording import number

__all__ = [
    "BasinsInfo",
    "DataInfo",
    "EcdfInfo",
    "HistoriesInfo",
    "IterationsInfo",
    "RestartsInfo",
    "ScatterInfo",
    "SweepInfo",
    "colors",
    "draw",
    "markers",
    "png",
    "svg",
]

SIZE = (5.2, 3.6)  # inches; as wide as a phone, so that letters stay legible there
DASHES = ("-", (0, (5, 1.6)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))
SHAPES = ("o", "s", "^", "D", "v", "P", "X", "p")
ROWS = 10  # optima that get a bar of their own

Floats = NDArray[np.float64]


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
    best: float | None = None  # marked by a line


class BasinsInfo(NamedTuple):
    """Where the starts end: optima by rising inertia, and the share of each init in each."""

    inertia: ArrayLike  # (m,)
    shares: Mapping[str, ArrayLike]  # init: (m,)


class RestartsInfo(NamedTuple):
    """Expected gap of the best of R starts."""

    series: Mapping[str, Mapping[int, float]]  # init: {R: gap}


class IterationsInfo(NamedTuple):
    """Steps that the starts of each init made."""

    series: Mapping[str, ArrayLike]  # init: (starts,)


class SweepInfo(NamedTuple):
    """A number against k, for each init."""

    k: Sequence[int]
    series: Mapping[str, ArrayLike]  # init: (len(k),)
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
    points = X.reshape(len(X), -1) if X.size else np.empty((0, 2))
    view = plane(points, info.columns) if len(points) else plane(np.zeros((1, 2)), info.columns)
    stride = -(-len(points) // DRAWN) if len(points) >= MANY else 1
    places = view.project(points[::stride])[0]
    units = [_power(places[:, j]) for j in range(2)]
    style(ax, *(f"{view.axes[j]}{_times(units[j])}" if view.axes[j] else "" for j in range(2)))
    if not len(places):
        return _nothing(ax, "no point")
    places = np.stack([_scaled(places[:, j], units[j]) for j in range(2)], axis=1)
    truth = np.zeros(len(points), int) if info.truth is None else np.asarray(info.truth, int)
    groups = np.unique(truth)
    faces, shapes = colors(len(groups)), markers(len(groups))
    for g, group in enumerate(groups):
        mine = places[truth[::stride] == group]
        face = UNASSIGNED if info.truth is None else faces[g]
        name = info.truth_names[group] if 0 <= group < len(info.truth_names) else str(group)
        ax.plot(*mine.T, shapes[g], color=face, mec=outline(face), ms=5, mew=0.7, label=name)
    if places[:, 1].any() or X.shape[1] > 1:
        _one_scale(ax, places)
    else:
        ax.set_yticks([])
    if info.truth is not None and len(groups) <= len(PALETTE):
        _legend(ax)


def draw_ecdf(ax: Axes, info: EcdfInfo) -> None:
    """Steps that rise to 1; the best value as a dotted line."""
    best = math.nan if info.best is None else info.best
    curves = {name: _pairs(*pair) for name, pair in info.series.items()}
    unit = _power(np.concatenate([[best], *(values for values, _ in curves.values())]))
    style(ax, f"{info.label}{_times(unit)}", "share of starts at or below", grid="y")
    if not any(values.size for values, _ in curves.values()):
        return _nothing(ax)
    right = max(values[-1] for values, _ in curves.values() if values.size)
    right = _scaled(np.array([right]), unit)[0]
    for look, (name, (values, shares)) in zip(_looks(), curves.items(), strict=False):
        x = np.concatenate([_scaled(values[:1], unit), _scaled(values, unit), [right]])
        y = np.concatenate([[0.0], shares, shares[-1:]])
        if values.size:
            ax.step(x, y, where="post", label=name, **look)
    if math.isfinite(best):
        ax.axvline(_scaled(np.array([best]), unit)[0], color=SOFT, lw=1, ls=(0, (1, 1.5)))
    _plain_ticks(ax)
    ax.set_ylim(0, 1.03)
    _percent(ax)
    _legend(ax)


def draw_basins(ax: Axes, info: BasinsInfo) -> None:
    """A bar for each init at each optimum, the best optimum on top."""
    style(ax, "share of starts (basin)", "optimum and its inertia", grid="x")
    inertia = np.asarray(info.inertia, dtype=np.float64)
    if not inertia.size or not info.shares:
        return _nothing(ax)
    shown = min(len(inertia), ROWS)
    names = [f"{i + 1} · {number(inertia[i])}" for i in range(shown)]
    if len(inertia) > shown:
        names.append(f"{shown + 1}–{len(inertia)}")
    thick = 0.8 / len(info.shares)
    rows = np.arange(len(names))
    for j, (look, (name, shares)) in enumerate(zip(_looks(), info.shares.items(), strict=False)):
        all_shares = np.nan_to_num(np.asarray(shares, dtype=np.float64))
        bars = np.append(all_shares[:shown], all_shares[shown:].sum())[: len(names)]
        ax.barh(rows - 0.4 + (j + 0.5) * thick, bars, thick, color=look["color"], label=name)
    ax.set_yticks(rows, names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(0, None)
    _percent(ax, "x")
    _legend(ax)


def draw_restarts(ax: Axes, info: RestartsInfo) -> None:
    """What is still lost, on average, after the best of R starts; R on a logarithmic axis."""
    style(ax, "restarts R", "expected gap of the best of R", grid="both")
    curves = {name: _pairs([*gap], [*gap.values()]) for name, gap in info.series.items()}
    if not any(R.size for R, _ in curves.values()):
        return _nothing(ax)
    for look, shape, (name, (R, gap)) in zip(_looks(), SHAPES * 9, curves.items(), strict=False):
        ax.plot(R, gap, marker=shape, ms=4.5, label=name, clip_on=False, zorder=3, **look)
    every = np.unique(np.concatenate([R for R, _ in curves.values()]))
    ax.set_xscale("log")
    ax.set_xlim(every[0] / 1.15, every[-1] * 1.15)
    step = -(-len(every) // 9)
    ax.xaxis.set_major_locator(FixedLocator(every[::step].tolist()))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0f}"))
    _from_zero(ax)
    _percent(ax)
    _legend(ax)


def draw_iterations(ax: Axes, info: IterationsInfo) -> None:
    """Histogram of the steps made, one outline for each init."""
    style(ax, "steps made", "share of starts", grid="y")
    counts = {name: _finite(steps) for name, steps in info.series.items()}
    known = np.concatenate([np.empty(0), *counts.values()])
    if not known.size:
        return _nothing(ax)
    width = max(1, math.ceil((known.max() - known.min() + 1) / 40))
    edges = np.arange(known.min(), known.max() + 2 * width, width) - 0.5
    for look, (name, steps) in zip(_looks(), counts.items(), strict=False):
        share = np.histogram(steps, edges)[0] / max(len(steps), 1)
        if steps.size:
            ax.stairs(share, edges, label=name, **look)
            ax.stairs(share, edges, fill=True, color=look["color"], alpha=0.15)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    _from_zero(ax)
    _percent(ax)
    _legend(ax)


def draw_sweep(ax: Axes, info: SweepInfo) -> None:
    """One line for each init over k."""
    curves = {name: _pairs(info.k, values) for name, values in info.series.items()}
    unit = _power(np.concatenate([np.empty(0), *(values for _, values in curves.values())]))
    style(ax, "k", f"{info.label}{_times(unit)}", grid="both")
    if not any(k.size for k, _ in curves.values()):
        return _nothing(ax)
    for look, shape, (name, (k, values)) in zip(_looks(), SHAPES * 9, curves.items(), strict=False):
        ax.plot(k, _scaled(values, unit), marker=shape, ms=4.5, label=name, **look)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    _from_zero(ax)
    _legend(ax)


def draw_scatter(ax: Axes, info: ScatterInfo) -> None:
    """One circle for equal outcomes of an init, its area their share."""
    pairs = {name: _pairs(*both) for name, both in info.series.items()}
    unit = _power(np.concatenate([np.empty(0), *(inertia for inertia, _ in pairs.values())]))
    style(ax, f"inertia{_times(unit)}", "silhouette", grid="both")
    if not any(inertia.size for inertia, _ in pairs.values()):
        return _nothing(ax)
    for look, shape, (name, (inertia, silhouette)) in zip(
        _looks(), SHAPES * 9, pairs.items(), strict=False
    ):
        places = np.stack([_scaled(inertia, unit), silhouette], axis=1)
        outcomes, counts = np.unique(places.round(9), axis=0, return_counts=True)
        area = 18 + 500 * counts / max(len(places), 1)
        face = (look["color"], 0.22)
        options: dict[str, Any] = {"fc": [face], "ec": outline(look["color"]), "lw": 1.1}
        ax.scatter(*outcomes.T, s=area, marker=shape, **options)
        ax.plot([], [], shape, color=look["color"], mec=outline(look["color"]), label=name)
    _plain_ticks(ax)
    ax.margins(0.09)
    _legend(ax)


def draw_histories(ax: Axes, info: HistoriesInfo) -> None:
    """Silhouettes over the steps, with the reference lines of the films."""
    style(ax, "step", "silhouette", grid="")
    curves = {name: np.asarray(scores, dtype=np.float64) for name, scores in info.series.items()}
    if not any(np.isfinite(scores).any() for scores in curves.values()):
        return _nothing(ax)
    for look, (name, scores) in zip(_looks(), curves.items(), strict=False):
        steps = np.arange(1, len(scores) + 1)
        ax.plot(steps, scores, label=name, marker="o", ms=3, **look)
    references(ax)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    low = min(0.0, *(np.nanmin([0.0, *scores]) for scores in curves.values()))
    ax.set_ylim(low - 0.06 * (low < 0), 1.0)
    _legend(ax)


def references(ax: Axes) -> None:
    """Dashed lines where a silhouette counts as reasonable (0.50) and as strong (0.75)."""
    for score in (0.5, 0.75):
        ax.axhline(score, color=SOFT, lw=0.9, ls=(0, (4, 3)), zorder=1)


DRAWERS: dict[type, Callable[[Axes, Any], None]] = {
    DataInfo: draw_data,
    EcdfInfo: draw_ecdf,
    BasinsInfo: draw_basins,
    RestartsInfo: draw_restarts,
    IterationsInfo: draw_iterations,
    SweepInfo: draw_sweep,
    ScatterInfo: draw_scatter,
    HistoriesInfo: draw_histories,
}
