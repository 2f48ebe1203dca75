"""Pictures of what starts cost, of when it shows where they end, of points that change sides."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import ArrayLike

from .axes import called, drawn, finite, from_zero, legend, mark, mark_log, nothing, pairs
from .canvas import SMALL, style
from .palette import INK
from .places import mark_places, places_of

__all__ = ["CostInfo", "FateInfo", "PointsInfo", "draw_cost", "draw_fate", "draw_points"]

RAMP = ("#9E1B32", "#D98C3F", "#AEB7C2")  # from points that change sides to those that do not


class CostInfo(NamedTuple):
    """Probability that restarts have reached the best by a cost, for each init."""

    series: Mapping[str, tuple[ArrayLike, ArrayLike]]  # init: (costs, probabilities)
    label: str = "distance evaluations"


class FateInfo(NamedTuple):
    """Shares of the starts, after each step, that have merged, and whose end shows."""

    series: Mapping[str, tuple[ArrayLike, ArrayLike]]  # init: (merged, sealed), each (steps,)


class PointsInfo(NamedTuple):
    """How alike two starts see each point, 0 to 1."""

    X: ArrayLike  # (n, d)
    columns: Sequence[str]
    consistency: ArrayLike  # (n,)


def draw_cost(ax: Axes, info: CostInfo) -> None:
    """Probability against cost on a logarithmic axis."""
    style(ax, info.label, "the best is reached", grid="both")
    curves = {name: pairs(*both) for name, both in info.series.items()}
    if not any(cost.size for cost, _ in curves.values()):
        return nothing(ax, "no start has reached the best")
    for name, (cost, share), look, _ in drawn(curves):
        ax.plot([*cost[:1], *cost], [0.0, *share], label=called(name), **look)  # from the ground
    known = np.concatenate([cost for cost, _ in curves.values()])
    mark_log(ax, "x", float(known.min()), float(known.max()))
    ax.set_ylim(0, 1.03)
    mark(ax, "y", percent=True)
    legend(ax)


def draw_fate(ax: Axes, info: FateInfo) -> None:
    """Lines: the end shows; points of the same color: merged with another start."""
    style(ax, "step", "sealed (lines), merged (dots)", grid="both")
    if not any(np.size(sealed) for _, sealed in info.series.values()):
        return nothing(ax, "no labels of the steps were recorded")
    for name, (merged, sealed), look, _ in drawn(info.series):
        steps = np.arange(1, np.size(sealed) + 1)
        ax.plot(steps, sealed, label=called(name), **look)
        ax.plot(steps, merged, "o", ms=3, color=look["color"], clip_on=False)
    mark(ax, "x", least=1)
    from_zero(ax)
    mark(ax, "y", percent=True)
    legend(ax)


def draw_points(ax: Axes, info: PointsInfo) -> None:
    """The points in their plane, dark where two starts see them differently."""
    X, alike = np.asarray(info.X, dtype=np.float64), np.asarray(info.consistency, dtype=np.float64)
    if not finite(alike).size:
        style(ax)
        return nothing(ax, "no two starts have converged")
    places, stride = places_of(ax, X, info.columns)
    order = np.argsort(-alike[::stride], kind="stable")  # what wavers lies on top
    x, y = places[order].T
    ramp = LinearSegmentedColormap.from_list("consistency", RAMP)
    drawn = ax.scatter(x, y, c=alike[::stride][order], cmap=ramp, vmin=0, vmax=1, s=20, lw=0)
    figure = ax.get_figure(root=True)
    assert figure is not None
    bar = figure.colorbar(drawn, ax=ax, ticks=[0, 0.5, 1], shrink=0.8, pad=0.02)
    bar.ax.tick_params(labelsize=SMALL, labelcolor=INK, length=0)
    bar.set_label("how alike two starts see it", size=SMALL, color=INK)
    mark_places(ax, places, X.shape[1])
