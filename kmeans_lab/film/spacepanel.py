"""The picture of a start of three features: a box that turns, near points the stronger ones."""

from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.markers import MarkerStyle
from matplotlib.text import Text
from numpy.typing import NDArray

from ..pictures.canvas import SMALL, literal, shortened
from ..pictures.palette import INK, LINE, MARKERS, PALETTE, PAPER, SOFT, UNASSIGNED, outline
from ..pictures.plane import Floats
from ..pictures.scene import FAR_AWAY
from ..pictures.space import Edge
from .panels import CENTER, PlanePanel

BANDS = 8  # of nearness, so that colors stay few enough for a GIF
ALONG = 12  # places along an edge or the side of a name, for what is not to hide them
ASIDE = 9  # pixels from an edge to its name


class SpacePanel(PlanePanel):
    """Points, centers and the box around them; there is no background."""

    factor = 1.0  # of the size of points

    def _limit(self) -> None:
        self.ax.set(xlim=self.extent[:2], ylim=self.extent[2:])
        self.ax.set_axis_off()

    def _ground(self) -> Any:
        ground = super()._ground()
        ground.set_visible(False)
        return ground

    def _all_dots(self) -> list[Any]:
        return [self.ax.scatter([], [], zorder=2)]

    def _box(self) -> list[Artist]:
        self.edges = LineCollection([], linewidths=1.1, zorder=1)
        self.ax.add_collection(self.edges, autolim=False)
        self.names = [
            self.ax.text(0, 0, "", color=INK, fontsize=SMALL, clip_on=False) for _ in range(3)
        ]
        return [self.edges, *self.names]

    @cached_property
    def _looks(self) -> list[Any]:
        """Paths of the markers, those of no cluster last."""
        styles = map(MarkerStyle, (*MARKERS, "o"))
        return [style.get_path().transformed(style.get_transform()) for style in styles]

    @cached_property
    def _shades(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Colors (BANDS, colors, 3) of points and of their outlines, those of no cluster last."""
        colors = (*PALETTE, UNASSIGNED)
        faces, edges = (np.array([*map(to_rgb, c)]) for c in (colors, map(outline, colors)))
        left = np.linspace(FAR_AWAY, 1, BANDS)[:, None, None]
        paper = np.array(to_rgb(PAPER))
        return left * faces + (1 - left) * paper, left * edges + (1 - left) * paper

    def show(self, i: int) -> None:
        """Draw frame i: box, points, centers, trails and rings."""
        space = self.scene.space
        assert space is not None
        edges = space.edges(self.scene.angle(i))
        self.edges.set_segments([edge.ends for edge in edges])
        self.edges.set_color([LINE if edge.axis < 0 else SOFT for edge in edges])
        for edge in edges:
            if edge.axis >= 0:
                self._name(self.names[edge.axis], edge, space.names[edge.axis])
        super().show(i)

    def obstacles(self, i: int) -> Floats:
        """Places (m, 2) of what a text over frame i should not hide: the box and its names too."""
        self.show(i)
        ends = np.array(self.edges.get_segments())
        along = np.linspace(0, 1, ALONG)[:, None, None]
        edges = (ends[:, 0] + along * (ends[:, 1] - ends[:, 0])).reshape(-1, 2)
        boxes = [name.get_window_extent() for name in self.names]
        across = [np.stack(np.meshgrid(*np.linspace(b.min, b.max, ALONG).T), -1) for b in boxes]
        names = self.ax.transData.inverted().transform(np.reshape([across] * CENTER, (-1, 2)))
        return np.concatenate([super().obstacles(i), edges, names])

    def shrink(self, factor: float) -> None:
        """Draw points and rings smaller, for a smaller picture."""
        self.factor = factor
        for ring in self.rings:
            ring.set_markersize(factor * float(ring.get_markersize()))

    def _name(self, text: Text, edge: Edge, name: str) -> None:
        """Beside the middle of an edge, outside the box."""
        upright = edge.axis == 2
        x, y = edge.ends.mean(axis=0)
        pixel = (self.extent[1] - self.extent[0]) / self.ax.bbox.width
        side = 0 if abs(x) < 0.2 else int(np.sign(x))
        beside = self.extent[1] - abs(x)
        room = (self.ax.bbox.height if upright else beside * (2 - abs(side)) / pixel) + ASIDE
        lines = (literal(shortened(line, room, SMALL)) for line in name.split("\n"))
        text.set_text("\n".join(lines))
        if upright:
            text.set(rotation=90, ha="right", va="center", ma="center")
            text.set_position((x - ASIDE * pixel, y))
            return
        align = {-1: "right", 0: "center", 1: "left"}[side]
        text.set(rotation=0, ha=align, va="top")
        text.set_position((x + side * ASIDE * pixel / 2, y - ASIDE * pixel))

    def _show_points(self, i: int, looks: Any) -> None:
        (dots,), near = self.dots, self.scene.depths(i)
        order = near.argsort(kind="stable")
        near, looks = near[order], looks[order]
        bands = (near * (BANDS - 1)).round().astype(int)
        colors = np.where(looks < 0, len(PALETTE), looks % len(PALETTE))
        dots.set_offsets(self.scene.places(i)[order])
        size = 1.44 * self.factor * self.scene.radius
        dots.set_sizes((size * (0.8 + 0.4 * near)) ** 2)
        dots.set_facecolor(self._shades[0][bands, colors])
        dots.set_edgecolor(self._shades[1][bands, colors])
        dots.set_linewidth(min(0.7, size / 7))
        if self.scene.k <= len(PALETTE):
            dots.set_paths(self._looks[-1:])
        else:
            marks = np.where(looks < 0, -1, looks // len(PALETTE))
            dots.set_paths([self._looks[mark] for mark in marks])
