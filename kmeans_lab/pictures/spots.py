"""Pictures of points, of starts as marks, and of basins as bars."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ..wording import apart, count, percent
from .axes import TOLD, Floats, called, drawn, legend, mark, nothing, pairs, ranked, set_ticks
from .canvas import SMALL, literal, style
from .palette import INK, PALETTE, PAPER, UNASSIGNED, colors, markers, outline
from .places import mark_places, merged, places_of

ROWS = 10  # optima that get a bar of their own
CUT = 4  # times the longest of those, how long the bar of all others may be


class DataInfo(NamedTuple):
    """A data set and its hidden truth."""

    X: ArrayLike  # (n, d)
    columns: Sequence[str] = ()
    truth: ArrayLike | None = None  # (n,), group of each point from 0
    truth_names: Sequence[str] = ()


class BasinsInfo(NamedTuple):
    """Where the starts end: optima by rising inertia, and the share of each init in each."""

    inertia: ArrayLike  # (m,)
    shares: Mapping[str, ArrayLike]  # init: (m,)


class ScatterInfo(NamedTuple):
    """Inertia and silhouette of the starts of each init."""

    series: Mapping[str, tuple[ArrayLike, ArrayLike]]  # init: (inertia, silhouette)
    ranks: Mapping[str, float] = {}  # init: rank correlation of the two
    same: Mapping[str, bool] = {}  # init: whether its lowest inertia has its highest silhouette


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
    rows = np.arange(len(names))
    known = {name: np.nan_to_num(np.asarray(s, np.float64)) for name, s in info.shares.items()}
    bearing = {name: (every if every.any() else every[:0],) for name, every in known.items()}
    thick = 0.8 / max(sum(every.size > 0 for (every,) in bearing.values()), 1)
    named, others = [0.0], [0.0]
    for j, (name, (every,), look, _) in enumerate(drawn(bearing)):
        bars = np.append(every[shown], every.sum() - every[shown].sum())[: len(names)]
        places = rows - 0.4 + (j + 0.5) * thick
        ax.barh(places, bars, thick, color=look["color"], label=called(name))
        named += [*bars[: len(shown)]]
        others += [*bars[len(shown) :]]
    set_ticks(ax, "y", rows.tolist(), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(0, None)
    if max(others) > (room := CUT * max(named)) > 0:
        _cut_off(ax, room, rows[-1], others[1:])
    mark(ax, "x", percent=True)
    legend(ax)


def _cut_off(ax: Axes, room: float, y: float, shares: Sequence[float]) -> None:
    """End the picture at `room`, and say in row `y` how far its bars would go on."""
    ax.set_xlim(0, room)
    said = " to ".join(dict.fromkeys((percent(min(shares)), percent(max(shares)))))
    look: dict[str, Any] = {"fc": PAPER, "ec": "none", "pad": 3}
    text = f"{literal(said)} →"
    ax.text(room, y, text, size=SMALL, color=INK, ha="right", va="center", bbox=look)


def notable(info: BasinsInfo, most: int = ROWS) -> list[int]:
    """Places of up to `most` optima to show: the best one, and those with the largest basins."""
    shares = np.array([np.nan_to_num(np.asarray(s, float)) for s in info.shares.values()])
    largest = shares.max(axis=0)
    largest[:1] = np.inf
    return sorted(np.argsort(-largest, kind="stable")[:most].tolist())


def draw_scatter(ax: Axes, info: ScatterInfo) -> None:
    """One mark for outcomes alike of an init, its area their share."""
    style(ax, "inertia", "silhouette", grid="both")
    known = {name: pairs(*both) for name, both in info.series.items()}
    if not any(inertia.size for inertia, _ in known.values()):
        return nothing(ax, "no silhouette is defined or recorded")
    for name, both, look, shape in drawn(known):
        which, counts = merged(np.stack(both))
        area = 18 + 500 * counts / len(both[0])
        edge = outline(look["color"])
        options: dict[str, Any] = {"fc": [(look["color"], 0.22)], "ec": edge, "lw": 1.1}
        ax.scatter(both[0][which], both[1][which], s=area, marker=shape, **options)
        ax.plot([], [], shape, color=look["color"], mec=edge, label=_ranked(name, info))
    ax.margins(0.09)
    mark(ax, "x")
    mark(ax, "y")
    legend(ax)


def _ranked(name: str, info: ScatterInfo) -> str:
    """A name in the legend with what its ranks say."""
    said = ranked(name, info.ranks.get(name, math.nan), len(info.series))
    if name not in info.ranks or name not in info.same or len(info.series) > TOLD:
        return said
    return said + (", the same best" if info.same[name] else ", another best")
