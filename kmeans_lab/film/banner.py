"""What is written over the first and the last frame of a start: its card, its verdict."""

from typing import Any

from matplotlib.artist import Artist
from matplotlib.patches import Rectangle

from ..pictures.canvas import literal_lines
from ..pictures.palette import INK, LINE, PAPER
from .panels import PlanePanel

VEIL = 0.8  # opacity of the ground: points under it are still seen
BODY = 0.72  # size of the lines to that of the heading
# How wide a banner may be, a part of the picture, and whether it has its lines: tried in this order
# until one hides nothing, as the heading stands above the picture too.
FORMS = ((0.9, True), (0.55, True), (0.4, True), (0.9, False), (0.4, False))


class Banner:
    """A heading and lines below it, in the emptiest corner of a picture."""

    def __init__(self, panel: PlanePanel, size: float) -> None:
        self.panel, self.size = panel, size
        ax = panel.ax
        self.ground = Rectangle((0, 0), 1, 1, transform=ax.transAxes, fc=PAPER, ec=LINE, zorder=6)
        ax.add_patch(self.ground).set_alpha(VEIL)
        look: dict[str, Any] = {"transform": ax.transAxes, "color": INK, "va": "top", "zorder": 7}
        self.heading = ax.text(0, 0, "", fontsize=size, fontweight="bold", **look)
        self.body = ax.text(0, 0, "", fontsize=BODY * size, linespacing=1.3, **look)
        self.moving: list[Artist] = [self.ground, self.heading, self.body]

    def show(self, i: int) -> None:
        """Write what belongs to frame i."""
        lines = self.panel.scene.lines(i)
        for artist in self.moving:
            artist.set_visible(bool(lines))
        if lines:
            self._place(i, *self._write(lines, *self._form(i, lines)))

    def _form(self, i: int, lines: tuple[str, ...]) -> tuple[float, bool]:
        """The first form that hides nothing in frame i, else the one that hides least."""
        hidden = []
        for form in FORMS:
            part = self._size(self._write(lines, *form)[1])
            hidden.append(min(self.panel.scene.hidden(i, self.panel.extent, *part).values()))
            if not hidden[-1]:
                break
        return FORMS[hidden.index(min(hidden))]

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

    def _place(self, i: int, down: float, high: float) -> None:
        """Put ground and texts into a corner."""
        ax, em = self.panel.ax, self.size * 100 / 72
        part = self._size(high)
        left, top = self.panel.scene.corner(i, self.panel.extent, *part)
        x, y = (0.0 if left else 1 - part[0]), (1.0 if top else part[1])
        self.ground.set_bounds(x, y - part[1], *part)
        for text, below in ((self.heading, 0.45 * em), (self.body, down)):
            text.set_position((x + 0.65 * em / ax.bbox.width, y - below / ax.bbox.height))
