"""The picture of a start: its points, its centers and the ways they came, the background."""

from itertools import chain, zip_longest
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, to_rgba
from matplotlib.lines import Line2D
from matplotlib.text import Text

from ..pictures.canvas import style
from ..pictures.palette import (
    ALPHA,
    INK,
    MARKERS,
    PALETTE,
    PAPER,
    UNASSIGNED,
    ink_on,
    markers,
    outline,
)
from ..pictures.plane import Floats, fitted
from ..pictures.scale import Ticks, ticks
from ..pictures.scene import Scene, Shot

LOOKS = len(PALETTE) * len(MARKERS)  # clusters until color and marker repeat
CELLS = (300, 300)  # of the background, where it is not drawn pixel by pixel
DIAMOND = 9.0  # points, the size of a center
CENTER = 5  # points that are no worse to hide than a center
RING = 2.1  # the size of the ring around a point that changes sides, to that of the point


class PlanePanel:
    """Points, centers and background of one start."""

    def __init__(self, ax: Axes, scene: Scene, aspect: float) -> None:
        self.ax, self.scene = ax, scene
        self.extent = fitted(scene.extent, aspect)
        self._limit()
        self.ground = self._ground()
        self.dots = self._all_dots()
        size, width = RING * 1.44 * scene.radius, min(1.2, 0.4 * scene.radius)
        self.rings = [
            _marks(ax, "o", "none", edge, size, times * width, 2.5)
            for edge, times in ((PAPER, 2.2), (INK, 1.0))
        ]
        self.trails = [
            LineCollection([], linewidths=width, capstyle="round", zorder=2.8)
            for width in (3.4, 1.7)
        ]
        for trail in self.trails:
            ax.add_collection(trail, autolim=False)
        self.halo = _diamonds(ax, PAPER, PAPER, DIAMOND * _shrunk(scene.k) + 2.2)
        self.diamonds = [self._diamond(number) for number in scene.numbers]
        self.digits = [self._digit(number) for number in scene.numbers if scene.k > len(PALETTE)]
        for artists, step in ((self.diamonds, 0.0), (self.digits, 0.5)):
            for i, artist in enumerate(artists):  # a center covers those before it, and its number
                artist.set_zorder(4 + (i + step) / scene.k)
        centers = chain(*zip_longest(self.diamonds, self.digits))
        marks = [*self.dots, *self.rings, *self.trails, self.halo]
        self.moving: list[Artist] = [*self._box(), *marks, *filter(None, centers)]

    def _limit(self) -> None:
        across, up = ticks(*self.extent[:2], 8), ticks(*self.extent[2:], 7)
        x, y = self.scene.axes
        style(self.ax, x + across.suffix, y + up.suffix if y else "")
        self.ax.set(xlim=self.extent[:2], ylim=self.extent[2:])
        mark(self.ax.xaxis, across)
        mark(self.ax.yaxis, Ticks([], [], "") if self.scene.flat else up)

    def _ground(self) -> Any:
        cells = np.zeros(CELLS, np.uint8)
        return self.ax.imshow(
            cells,
            cmap=ListedColormap([*PALETTE, PAPER]),
            vmin=-0.5,
            vmax=len(PALETTE) + 0.5,
            alpha=ALPHA,
            extent=self.extent,
            origin="lower",
            aspect="auto",
            interpolation="nearest",
            zorder=0.5,
        )

    def _all_dots(self) -> list[Any]:
        return [self._dots(look) for look in range(-1, min(self.scene.k, LOOKS))]

    def _dots(self, look: int) -> Line2D:
        color = PALETTE[look % len(PALETTE)] if look >= 0 else UNASSIGNED
        marker = markers(look + 1)[look] if look >= 0 else "o"
        size = 1.44 * self.scene.radius
        edge = min(0.7, size / 7)
        return _marks(self.ax, marker, color, outline(color), size, edge, 2)

    def _box(self) -> list[Artist]:
        """What else moves, behind the points."""
        return []

    def _diamond(self, number: int) -> Line2D:
        color = PALETTE[number % len(PALETTE)]
        return _diamonds(self.ax, color, "#000000", DIAMOND * _shrunk(self.scene.k))

    def _digit(self, number: int) -> Text:
        ink = ink_on(PALETTE[number % len(PALETTE)])
        size = 5.6 * _shrunk(self.scene.k)
        return self.ax.text(
            0, 0, str(number + 1), color=ink, fontsize=size, ha="center", va="center_baseline",
            fontweight="bold", clip_on=True,
        )  # fmt: skip

    def show(self, i: int) -> None:
        """Draw frame i: points, centers, trails and rings."""
        clusters = self.scene.clusters(self.scene.shot(i))
        self._show_points(i, np.where(clusters < 0, -1, clusters % LOOKS))
        for ring in self.rings:
            ring.set_data(*self.scene.places(i)[self.scene.moved(i)].T)
        self._show_trails(i)
        centers = self.scene.center_places(i)
        self.halo.set_data(*centers.T)
        for diamond, (x, y) in zip(self.diamonds, centers, strict=True):
            diamond.set_data([x], [y])
        for digit, (x, y) in zip(self.digits, centers, strict=False):
            digit.set_position((x, y))
            digit.set_visible(bool(np.isfinite([x, y]).all()))

    def obstacles(self, i: int) -> Floats:
        """Places (m, 2) of what a text over frame i should not hide, some more than once."""
        centers = np.repeat(self.scene.center_places(i), CENTER, axis=0)
        return np.concatenate([self.scene.places(i), centers])

    def shrink(self, factor: float) -> None:
        """Draw points and rings smaller, for a smaller picture."""
        for marks in (*self.dots, *self.rings):
            marks.set_markersize(factor * float(marks.get_markersize()))

    def _show_points(self, i: int, looks: Any) -> None:
        places = self.scene.places(i)
        for look, dots in enumerate(self.dots, start=-1):
            dots.set_data(*places[looks == look].T)

    def _show_trails(self, i: int) -> None:
        ends, strengths, clusters = self.scene.trails(i)
        numbers = np.array(self.scene.numbers, dtype=np.int64)[clusters] % len(PALETTE)
        inks = np.array([to_rgba(outline(color)) for color in PALETTE])[numbers]
        papers = np.tile(to_rgba(PAPER), (len(ends), 1))
        for trail, colors in zip(self.trails, (papers, inks), strict=True):
            colors[:, 3] = strengths
            trail.set_segments([*ends])
            trail.set_color([*map(tuple, colors)])

    def tint(self, i: int) -> None:
        """Draw the background of frame i."""
        grid = self.grid(self.scene.shot(i), CELLS)
        self.ground.set_visible(grid is not None)
        if grid is not None:
            self.ground.set_data(grid)

    def grid(self, shot: Shot, cells: tuple[int, int]) -> Any:
        """Colors (rows, cols) of a frame's background as indices of the palette, or None.

        Where colors repeat, a line of index len(PALETTE) keeps neighbors apart.
        """
        x_min, x_max, y_min, y_max = self.extent
        dx, dy = (x_max - x_min) / cells[1] / 2, (y_max - y_min) / cells[0] / 2
        middles = (x_min + dx, x_max - dx, y_min + dy, y_max - dy)  # of the outer cells
        grid = self.scene.ground(shot, middles, cells)
        if grid is None or self.scene.k <= len(PALETTE):
            return grid
        colors = (grid % len(PALETTE)).astype(np.uint8)
        colors[1:][grid[1:] != grid[:-1]] = len(PALETTE)
        colors[:, 1:][grid[:, 1:] != grid[:, :-1]] = len(PALETTE)
        return colors


def _shrunk(k: int) -> float:
    """Size of a center among k, as a part of the usual one; larger where it carries a number."""
    return 1.0 if k <= len(PALETTE) else max(0.75, min(1.5, 1.7 - k / 120))


def _marks(
    ax: Axes, marker: str, color: str, edge: str, size: float, width: float, order: float
) -> Line2D:
    return ax.plot(
        [], [], marker, color=color, mec=edge, ms=size, mew=width, zorder=order, ls="none"
    )[0]


def _diamonds(ax: Axes, color: str, edge: str, size: float) -> Line2D:
    return _marks(ax, "D", color, edge, size, 1.3, 3 if color == PAPER else 4)


def mark(axis: Any, marks: Ticks) -> None:
    """These ticks and no other."""
    axis.set_ticks(marks.positions, labels=marks.labels)
    axis.set_ticks([], minor=True)
