"""The map of doubt: how often starts put a place into another cluster than the best does."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from contourpy import LineType, contour_generator
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import ArrayLike, NDArray

from ..wording import count, percent
from .axes import Floats, from_zero, mark, nothing
from .canvas import SMALL, style
from .palette import INK, SOFT
from .places import one_scale, places_of
from .plane import Extent

__all__ = ["DoubtInfo", "doubtless", "draw_doubt", "edges", "told_doubt"]

# From none to every start; lightness falls evenly, so that no color vision mistakes more for less.
RAMP = LinearSegmentedColormap.from_list(
    "doubt", ["#FFFFFF", "#FBE5B0", "#F2A65A", "#D1495B", "#7A1E4F", "#2B0B2E"]
)
FINE = 200  # cells across, of the grid on which the borders of the best optimum are found
NEVER = 1e-9  # a share up to it is rounding
SELDOM = 0.05  # a share of the starts below which a point counts as staying where it is
PUT = "starts that put a place elsewhere"
TOLD = 0.99  # of the starts, that have a say; of fewer the picture tells


class DoubtInfo(NamedTuple):
    """Shares of the converged starts of a cell that put a place elsewhere than optimum 1 does."""

    X: ArrayLike  # (n, d)
    columns: Sequence[str]
    places: NDArray[np.float64]  # (rows, cols), row 0 at the low end; one row for one feature
    points: ArrayLike  # (n,)
    optima: int  # that were looked at
    extent: Extent = (0.0, 1.0, 0.0, 1.0)  # of the places
    centers: ArrayLike = ()  # (k, 2), of optimum 1 in the plane of the picture
    offsets: ArrayLike = ()  # (k,), their squared distances to it
    left_out: float = 0.0  # share of the starts, whose optima were not looked at


def doubtless(info: DoubtInfo) -> str:
    """Why there is nothing to doubt, in words; empty where there is."""
    if not info.optima:
        return "no start has converged"
    if len(np.asarray(info.centers)) == 1:
        return "k = 1: one cluster, no doubt"
    if not (info.places > NEVER).any() and not (np.asarray(info.points) > NEVER).any():
        return "every start ends in one optimum: no doubt"
    return ""


def draw_doubt(ax: Axes, info: DoubtInfo) -> None:
    """The plane, darker where more starts disagree; the larger a point, the more often it moves."""
    if why := doubtless(info):
        style(ax)
        return nothing(ax, why)
    X, often = np.asarray(info.X, dtype=np.float64), np.asarray(info.points, dtype=np.float64)
    places, stride = places_of(ax, X, info.columns)
    often = often[::stride]
    if X.shape[1] == 1:
        _draw_line(ax, info, places[:, 0], often)
    else:
        _draw_map(ax, info, places, often)


def _draw_map(ax: Axes, info: DoubtInfo, places: Floats, often: Floats) -> None:
    image = ax.imshow(
        info.places, cmap=RAMP, vmin=0, vmax=1, origin="lower", extent=info.extent, aspect="auto",
        interpolation="bilinear",
    )  # fmt: skip
    one_scale(ax, places)
    borders = edges(np.asarray(info.centers), np.asarray(info.offsets), info.extent)
    ax.add_collection(LineCollection(borders, colors=[INK], linewidths=0.9))
    _draw_points(ax, places, often)
    mark(ax, "x")
    mark(ax, "y")
    _scale_of(ax, image, _label(info))


def _scale_of(ax: Axes, image: Any, text: str) -> None:
    """What the colors mean, in a bar above the map."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    bar = figure.colorbar(
        image, ax=ax, location="top", shrink=0.55, pad=0.03, aspect=24, anchor=(0, 0)
    )
    bar.set_ticks([0, 0.5, 1], labels=["0\u00a0%", "50\u00a0%", "100\u00a0%"])
    bar.ax.tick_params(labelsize=SMALL, labelcolor=INK, length=0, pad=2)
    bar.set_label(text, size=SMALL, color=INK, loc="left")
    bar.outline.set(edgecolor=SOFT, linewidth=0.6)


def _draw_points(ax: Axes, places: Floats, often: Floats) -> None:
    """Small and gray where they stay; the larger and darker the more often they change sides."""
    least = float(np.clip(40 / np.sqrt(len(places)), 0.8, 3.0))
    stays = often < SELDOM
    look: dict[str, Any] = {"ls": "none", "zorder": 3}
    ax.plot(*places[stays].T, "o", ms=least, color="#9AA3AD", mew=0, **look)
    order = np.flatnonzero(~stays)[np.argsort(often[~stays], kind="stable")]
    size = (least * (1.3 + 1.7 * np.sqrt(often[order]))) ** 2
    x, y = places[order].T
    ax.scatter(
        x, y, s=size, c=often[order], cmap=RAMP, vmin=0, vmax=1, ec=INK,
        lw=min(0.7, least / 5), zorder=4,
    )  # fmt: skip


def _draw_line(ax: Axes, info: DoubtInfo, x: Floats, often: Floats) -> None:
    """One feature: a curve over it, the points in a strip below, the best's borders as lines."""
    style(ax, ax.get_xlabel(), _label(info, short=True), grid="y")
    line = np.linspace(*info.extent[:2], info.places.shape[1])
    ax.fill_between(line, info.places[0], step="mid", color="#FBE5B0", lw=0)
    ax.step(line, info.places[0], where="mid", color="#D1495B", lw=1.4)
    centers = np.sort(np.asarray(info.centers)[:, 0])
    for border in (centers[1:] + centers[:-1]) / 2:
        ax.axvline(border, color=INK, lw=0.9)
    from_zero(ax)
    ax.set_xlim(*info.extent[:2])
    mark(ax, "x")
    mark(ax, "y", percent=True)
    high = ax.get_ylim()[1]
    strip: dict[str, Any] = {"s": 42, "marker": "|", "cmap": RAMP, "vmin": -0.25, "vmax": 1.0}
    ax.scatter(x, np.full_like(x, -0.06 * high), c=often, **strip)
    ax.set_ylim(-0.12 * high, high)


def told_doubt(info: DoubtInfo) -> str:
    """The map in words."""
    start = (
        "Map of doubt: share of the starts that put a place elsewhere than the best optimum does"
    )
    if why := doubtless(info):
        return f"{start}: {why}."
    often = np.asarray(info.points, dtype=np.float64)
    moving, most = int((often >= SELDOM).sum()), float(often.max())
    left = f", which {percent(info.left_out)} of the starts did not end in" * (
        bool(info.left_out > 0)
    )
    return (
        f"{start}, over {count(info.optima)} optima{left}. {percent(_dark(info))} of the picture "
        f"is in doubt for {percent(SELDOM)} of the starts or more, and {count(moving)} of "
        f"{count(often.size)} points; the one that moves most often does so in {percent(most)}."
    )


def _label(info: DoubtInfo, short: bool = False) -> str:
    """What a share is, and of how many of the starts, where these are not nearly all."""
    share = percent(1 - info.left_out)
    if info.left_out <= 1 - TOLD:
        return "starts that put it elsewhere" if short else f"{PUT} than the best"
    return f"put elsewhere, of {share} of starts" if short else f"{PUT} (told of {share} of starts)"


def _dark(info: DoubtInfo) -> float:
    return float((info.places >= SELDOM).mean())


def edges(centers: Floats, offsets: Floats, extent: Extent, fine: int = FINE) -> list[Floats]:
    """Borders, each (p, 2), between the places of each cluster and of the others.

    offsets: (k,), added to the squared distances to the centers (k, 2). Where one center is as
    far as the nearest other; the difference is linear between neighbors, so lines are straight.
    """
    if len(centers) < 2:
        return []
    x, y = np.linspace(*extent[:2], fine), np.linspace(*extent[2:], fine * 2 // 3)
    cx, cy = centers.T
    far = (x[None, :, None] - cx) ** 2 + (y[:, None, None] - cy) ** 2 + offsets
    nearest, second = np.partition(far, 1, axis=-1)[..., :2].transpose(2, 0, 1)
    lines: list[Any] = []
    for c in range(len(centers)):
        height = far[..., c] - np.where(far[..., c] == nearest, second, nearest)
        lines += contour_generator(x, y, height, line_type=LineType.Separate).lines(0.0)
    return lines
