"""What is written over the first and the last frame of a start: its card, its verdict."""

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.patches import Rectangle

from ..pictures.canvas import literal_lines
from ..pictures.palette import INK, LINE, PAPER
from ..pictures.plane import Floats
from .panels import PlanePanel

VEIL = 0.8  # opacity of the ground: points under it are still seen
CUT = 500  # points that are no worse to hide than the end of a line
BODY = 0.72  # size of the lines to that of the heading
# How wide a banner may be, a part of the picture, and whether it has its lines: tried in this order
# until one hides nothing, as the heading stands above the picture too.
FORMS = (
    *((part, True) for part in (0.9, 0.55, 0.4, 0.33)),
    *((part, False) for part in (0.9, 0.55, 0.4)),
)

Form = tuple[float, bool]
Corner = tuple[bool, bool]  # whether it is on the left, and on top
CORNERS = ((True, True), (False, True), (True, False), (False, False))


class Banner:
    """A heading and lines below it, in the emptiest corner of a picture."""

    def __init__(self, panel: PlanePanel, size: float, frames: int) -> None:
        self.panel, self.size, self.frames = panel, size, frames
        ax = panel.ax
        self.ground = Rectangle((0, 0), 1, 1, transform=ax.transAxes, fc=PAPER, ec=LINE, zorder=6)
        ax.add_patch(self.ground).set_alpha(VEIL)
        look: dict[str, Any] = {"transform": ax.transAxes, "color": INK, "va": "top", "zorder": 7}
        self.heading = ax.text(0, 0, "", fontsize=size, fontweight="bold", **look)
        self.body = ax.text(0, 0, "", fontsize=BODY * size, linespacing=1.3, **look)
        self.moving: list[Artist] = [self.ground, self.heading, self.body]
        self.chosen: dict[tuple[str, ...], tuple[Form, Corner]] = {}

    def show(self, i: int) -> None:
        """Write what belongs to frame i."""
        lines = self.panel.scene.lines(i)
        for artist in self.moving:
            artist.set_visible(bool(lines))
        if lines:
            if lines not in self.chosen:  # once, so that it stays where it is in a space that turns
                self.chosen[lines] = self._choose(i, lines)
            form, corner = self.chosen[lines]
            self._place(corner, *self._write(lines, *form))

    def _choose(self, i: int, lines: tuple[str, ...]) -> tuple[Form, Corner]:
        """The first form that hides nothing while it is shown, and where; else what hides least."""
        places, hidden = self._obstacles(i), {}
        for form in FORMS:
            size = self._size(self._write(lines, *form)[1])
            cut = "…" in self.heading.get_text() + self.body.get_text()
            for corner in CORNERS:
                hidden[form, corner] = covered(places, corner, *size) + CUT * cut
                if not hidden[form, corner]:
                    return form, corner
        return min(hidden, key=lambda choice: hidden[choice])

    def _obstacles(self, i: int) -> Floats:
        """Places (m, 2) of what is not to be hidden in frame i and those like it."""
        x_min, x_max, y_min, y_max = self.panel.extent
        seen = [self.panel.obstacles(j) for j in self.panel.scene.held(i, self.frames)]
        self.panel.show(i)
        scale = np.array([x_max - x_min, y_max - y_min])
        return np.asarray((np.concatenate(seen) - [x_min, y_min]) / scale)

    def _write(self, lines: tuple[str, ...], part: float, whole: bool) -> tuple[float, float]:
        """Set the texts; how far the lines are below the heading, and all of it high, in pixels."""
        em, room = self.size * 100 / 72, part * self.panel.ax.bbox.width
        heading = literal_lines(lines[0], room, self.size, 3)
        rest = lines[1:] if whole else ()
        body = [literal_lines(line, room, BODY * self.size, 3) for line in rest]
        self.heading.set_text(heading)
        self.body.set_text("\n".join(body))
        down = em * (0.7 + 1.2 * (heading.count("\n") + 1))
        rows = sum(text.count("\n") + 1 for text in body)
        return down, down + em * (1.0 * rows + 0.35 * bool(rows))

    def _size(self, high: float) -> tuple[float, float]:
        """Width and height of what is written, parts of the picture."""
        ax, em = self.panel.ax, self.size * 100 / 72
        wide = max(t.get_window_extent().width for t in (self.heading, self.body)) + 1.3 * em
        return wide / ax.bbox.width, high / ax.bbox.height

    def _place(self, corner: Corner, down: float, high: float) -> None:
        """Put ground and texts into a corner."""
        ax, em = self.panel.ax, self.size * 100 / 72
        part = self._size(high)
        left, top = corner
        x, y = (0.0 if left else 1 - part[0]), (1.0 if top else part[1])
        self.ground.set_bounds(x, y - part[1], *part)
        for text, below in ((self.heading, 0.45 * em), (self.body, down)):
            text.set_position((x + 0.65 * em / ax.bbox.width, y - below / ax.bbox.height))


def covered(places: Floats, corner: Corner, width: float, height: float) -> int:
    """How many places (m, 2), parts of a picture, a text of that size in that corner hides."""
    (left, top), (x, y) = corner, places.T
    beside = x < width if left else x > 1 - width
    return int((beside & (y > 1 - height if top else y < height)).sum())
