"""What stands around the pictures of a film: texts in their places, notes, the legend."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from ..pictures.canvas import NORMAL, SMALL, literal_lines
from ..pictures.palette import INK, PALETTE, PAPER, UNASSIGNED, outline
from ..pictures.scene import Scene

Box = tuple[int, int, int, int]  # left, top, right, bottom, pixels from the upper left corner


class Place:
    """A part of a figure, measured in pixels from its upper left corner."""

    def __init__(self, figure: Figure, x: float, y: float) -> None:
        self.figure, self.x, self.y = figure, x, y
        self.width, self.height = (float(side) for side in figure.get_size_inches() * 100)

    def box(self, left: int, top: int, right: int, bottom: int) -> Box:
        """A part of the place as a part of the figure."""
        x, y = round(self.x), round(self.y)
        return left + x, top + y, right + x, bottom + y

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """Axes of that size, their upper left corner at (x, y)."""
        low = self.height - self.y - y - height
        box = (self.x + x) / self.width, low / self.height, width / self.width, height / self.height
        return self.figure.add_axes(box)

    def text(self, x: float, y: float, text: str, room: float, lines: int, **look: Any) -> Text:
        """A text whose upper left corner is at (x, y), in lines of `room` pixels."""
        look = dict[str, Any](fontsize=NORMAL, color=INK, va="top", linespacing=1.25) | look
        shown = literal_lines(text, room, look["fontsize"], lines)
        return text_at(self.figure, self.x + x, self.height - self.y - y, shown, **look)


def text_at(figure: Figure, x: float, y: float, text: str, **look: Any) -> Text:
    """A text `x` and `y` pixels from the lower left corner."""
    width, height = (float(side) for side in figure.get_size_inches() * 100)
    return figure.text(x / width, y / height, text, **look)


def notes_of(scenes: Sequence[Scene], width: float) -> list[str]:
    """What a viewer has to know, in lines that leave room for the counter."""
    every = dict.fromkeys(note for scene in scenes for note in scene.notes)
    lines = [literal_lines(note, width - 150, SMALL, 3).split("\n") for note in every]
    return [line for group in lines for line in group]


def draw_legend(figure: Figure, scenes: Sequence[Scene], y: float) -> None:
    """The looks of points and centers in one line, `y` pixels from the bottom."""
    k = max(scene.k for scene in scenes)
    entries = [("o", UNASSIGNED, outline(UNASSIGNED), "no cluster yet")]
    if k <= len(PALETTE):
        entries += [("o", PALETTE[c], outline(PALETTE[c]), f"cluster {c + 1}") for c in range(k)]
    centers = "center" if k <= len(PALETTE) else f"center: the number of one of {k} clusters"
    entries += [("D", PAPER, "#000000", centers), ("o", "none", INK, "changed cluster")]
    handles = [
        Line2D([], [], marker=shape, color=face, mec=edge, mew=0.9, ms=6, ls="none", label=label)
        for shape, face, edge, label in entries
    ]
    width, height = (float(side) for side in figure.get_size_inches() * 100)
    figure.legend(
        handles=handles,
        loc="center left",
        bbox_to_anchor=(10 / width, y / height),
        ncols=len(handles),
        frameon=False,
        fontsize=SMALL,
        labelcolor=INK,
        handletextpad=0.1,
        columnspacing=1.1,
        borderpad=0,
        borderaxespad=0,
    )
