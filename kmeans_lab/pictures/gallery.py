"""The gallery of optima: each with its cells, its shares, and the points it puts elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from numpy.typing import ArrayLike, NDArray

from ..kernels.voronoi import label_grid
from ..statistics import REACHED
from ..wording import apart, count, excess, number, percent
from .axes import Floats, called, legend, looks, nothing
from .canvas import SMALL, style
from .doubt import edges
from .palette import ALPHA, INK, PALETTE, PAPER, SOFT, colors, markers, mixed
from .places import one_scale, places_of

__all__ = ["PANELS", "GalleryInfo", "draw_gallery", "told_gallery"]

PANELS = 12
SIDE, GAP = 8, 14  # pixels: around all, between panels
TITLE = 62  # height of the words above a panel
ROW, THIN = 13, 4  # of an init's bar below it, with and without a number
ASPECT = 1.45  # of a panel
ROWS, COLS = 100, 130  # cells of its ground
LONG = 12  # letters of an inertia that stands alone
FEW = 3  # inits whose shares are told in numbers


class GalleryInfo(NamedTuple):
    """m optima of a data set and k, the clusters of each named as those of optimum 1."""

    X: ArrayLike  # (n, d)
    columns: Sequence[str]
    numbers: Sequence[int]  # (m,), from 1, the best
    inertia: Sequence[float]  # (m,)
    gaps: Sequence[float]  # (m,)
    silhouette: Sequence[float]  # (m,)
    shares: Mapping[str, ArrayLike]  # init: (m,)
    labels: NDArray[np.integer]  # (m, n)
    first: ArrayLike  # (n,), labels of optimum 1
    places: NDArray[np.float64]  # (m, k, 2), of the centers in the plane of the picture
    others: int = 0  # optima that are not shown


def draw_gallery(ax: Axes, info: GalleryInfo) -> None:
    """Small panels, the best optimum first."""
    style(ax)
    if not len(info.numbers):
        return nothing(ax, "no start has converged")
    ax.axis("off")
    X = np.asarray(info.X, dtype=np.float64)
    places, stride = places_of(ax, X, info.columns)
    ax.set(xlabel="", ylabel="")
    _name_inits(ax, info)
    most = max(np.nanmax(np.asarray(s, float), initial=0) for s in info.shares.values())
    for panel, bars, i in _panels(ax, info, _foot(info, X.shape[1], float(most))):
        _draw_panel(panel, info, i, places, stride)
        _draw_bars(bars, info, i, float(most))
    legend(ax)


def differing(info: GalleryInfo) -> list[int]:
    """How many points each optimum puts elsewhere than the best."""
    return [int(n) for n in (info.labels != np.asarray(info.first)).sum(axis=1)]


def _foot(info: GalleryInfo, features: int, most: float) -> list[str]:
    lines = [f"The longest bar is {percent(most)} of the starts of an init."]
    lines += [f"{count(info.others)} more optima are not shown."] if info.others else []
    if features > 2:
        lines.append("The points lie in the plane of the first two principal components.")
    return lines


def _name_inits(ax: Axes, info: GalleryInfo) -> None:
    for look, (name, shares) in zip(looks(), info.shares.items(), strict=False):
        if np.nansum(np.asarray(shares, dtype=np.float64)):
            ax.plot([], [], lw=6, color=look["color"], label=called(name))


def _panels(ax: Axes, info: GalleryInfo, foot: Sequence[str]) -> Iterator[tuple[Axes, Axes, int]]:
    """Axes for each optimum and for its bars, its words above; the figure as high as it takes."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    inches = float(figure.get_size_inches()[0])
    m, wide = len(info.numbers), 100 * inches
    across = min(max(m, 2), 3)
    width = (wide - 2 * SIDE - (across - 1) * GAP) / across
    high, bars = width / ASPECT, _thickness(info) * len(info.shares) + 6
    step = TITLE + high + bars + GAP
    height = step * -(-m // across) + 16 * len(foot)
    figure.set_size_inches(inches, (height + 30) / 100)

    def box(x: float, y: float, w: float, h: float) -> tuple[float, float, float, float]:
        return x / wide, 1 - (y + h) / height, w / wide, h / height

    for i in range(m):
        x, y = SIDE + (i % across) * (width + GAP), (i // across) * step
        for line, (text, look) in enumerate(_words(info, i, ax.transAxes)):
            ax.text(x / wide, 1 - (y + 15 * line) / height, text, **look)
        panel = ax.inset_axes(box(x, y + TITLE, width, high))
        yield panel, ax.inset_axes(box(x, y + TITLE + high + 4, width, bars - 6)), i
    for line, text in enumerate(reversed(foot)):
        y = 16 * line / height
        ax.text(SIDE / wide, y, text, transform=ax.transAxes, color=SOFT, size=SMALL, va="bottom")


def _thickness(info: GalleryInfo) -> int:
    return ROW if len(info.shares) <= FEW else THIN


def _words(info: GalleryInfo, i: int, transform: Any) -> list[tuple[str, dict[str, Any]]]:
    look: dict[str, Any] = {"size": SMALL, "color": INK, "va": "top", "in_layout": False}
    look["transform"] = transform
    inertia = apart([*info.inertia], most=7)[i]
    scored = np.isfinite(info.silhouette[i])
    moved = differing(info)[i]
    differs = f"{count(moved)} point{'s' * (moved != 1)} differ{'s' * (moved == 1)}"
    ahead = info.numbers[i] == 1 and not info.gaps[i] > REACHED  # no other is known to be lower
    gap = "the best" if ahead else f"+{excess(info.gaps[i])}"
    return [
        (f"{info.numbers[i]} · {gap}", look | {"weight": "bold"}),
        (inertia if len(inertia) > LONG else f"inertia {inertia}", look),
        (f"silhouette {number(info.silhouette[i], 2)}" if scored else "no silhouette", look),
        (differs if info.numbers[i] > 1 else "", look),
    ]


def _draw_panel(ax: Axes, info: GalleryInfo, i: int, places: Floats, stride: int) -> None:
    for spine in ax.spines.values():
        spine.set(color=SOFT, linewidth=0.6)
    ax.set(xticks=[], yticks=[], facecolor=PAPER)
    one_scale(ax, places)
    centers, k = info.places[i], len(info.places[i])
    if np.shape(info.X)[1] <= 2:
        extent = *ax.get_xlim(), *ax.get_ylim()
        tints = np.array([to_rgb(mixed(PALETTE[c % 8], PAPER, 1.6 * ALPHA)) for c in range(k)])
        ground = tints[label_grid(centers, extent, (ROWS, COLS))]
        ax.imshow(ground, extent=extent, origin="lower", aspect="auto", zorder=0)
        borders = edges(centers, np.zeros(k), extent, COLS)
        ax.add_collection(LineCollection(borders, colors=[INK], linewidths=0.6, zorder=1))
    labels = info.labels[i][::stride]
    moved = labels != np.asarray(info.first)[::stride]
    size = float(np.clip(26 / np.sqrt(len(places)), 0.7, 2.2))
    edge = float(np.clip(7 / np.sqrt(max(moved.sum(), 1)), 0.3, 0.9))
    for c in np.unique(labels):
        face, shape = colors(c + 1)[c], markers(c + 1)[c]
        mine = places[(labels == c) & ~moved].T
        ax.plot(*mine, shape, ms=size, color=face, mew=0, zorder=2)
        mine = places[(labels == c) & moved].T
        ax.plot(*mine, shape, ms=1.3 * size + 1.4 * edge, color=face, mec=INK, mew=edge, zorder=3)


def _draw_bars(ax: Axes, info: GalleryInfo, i: int, most: float) -> None:
    """Shares of the inits, one below the other; `most` is that of the longest bar."""
    ax.axis("off")
    shares = [float(np.nan_to_num(np.asarray(s, float))[i]) for s in info.shares.values()]
    ax.set(xlim=(0, 1.55 * max(most, 1e-9)), ylim=(len(shares) - 0.5, -0.5))
    for row, (look, share) in enumerate(zip(looks(), shares, strict=False)):
        ax.barh(row, share, 0.62, color=look["color"])
        if len(shares) <= FEW:
            ax.text(share, row, f" {percent(share)}", size=SMALL - 1, color=INK, va="center")


def told_gallery(info: GalleryInfo) -> str:
    """The gallery in words."""
    if not len(info.numbers):
        return "Gallery of the optima: no start has converged."
    inertia, moved = apart([*info.inertia], most=7), differing(info)
    rows = []
    for i, name in enumerate(info.numbers):
        shares = ", ".join(
            f"{init} {percent(float(np.asarray(s)[i]))}" for init, s in [*info.shares.items()][:FEW]
        )
        differs = "" if name == 1 else f", {count(moved[i])} points differ from the best"
        rows.append(f"optimum {name}: inertia {inertia[i]}{differs}, {shares}")
    left = f" {count(info.others)} more are not shown." if info.others else ""
    return f"Gallery of {len(info.numbers)} optima. {'; '.join(rows)}.{left}"
