"""The basin portrait on paper: the map, what its colors mean, and their shares of the plane."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from .canvas import NORMAL, SMALL, literal, shortened
from .palette import INK, SOFT
from .plane import RATIO
from .portrait import BETTER, CUT_OFF, Entry, PortraitInfo, legend_of, notes_of, pace
from .portrait_map import BADGE, draw_map
from .tones import MUTED, color

__all__ = ["draw_portrait"]

EDGE = 16  # pixels around the picture
LEFT, RIGHT, FOOT = 84, 14, 48  # beside the map, below it
LINE, TIGHT = 18, 16  # height of a line of the legend, of the words around the map
BAR = 14  # height of the bar of shares
SHARE, LETTER = 78, 7.3  # width of swatch and share, of a letter

Box = tuple[float, float, float, float]  # left, low, width, height, of the figure's own


def draw_portrait(ax: Axes, info: PortraitInfo) -> None:
    """The map with points and centers; above it the title, below it the shares of the plane."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.set_layout_engine("none")
    sheet = _Sheet(figure, info)
    sheet.place(ax)
    sheet.write()
    draw_map(ax, info)


class _Sheet:
    """The figure around the map, measured in pixels from its upper left corner."""

    def __init__(self, figure: Figure, info: PortraitInfo) -> None:
        self.figure, self.info = figure, info
        self.width = float(figure.get_size_inches()[0]) * 100
        self.room = self.width - 2 * EDGE
        self.title = self._lines(info.title or "Basin portrait", NORMAL)
        notes = notes_of(info) if info.names is None else info.notes
        self.about = self._lines(_about(info), SMALL)
        self.notes = [line for note in notes for line in self._lines(note, SMALL)]
        self.entries = legend_of(info)
        longest = max(len(entry.text) for entry in self.entries)
        columns = int(self.room // (SHARE + LETTER * longest + 8))
        self.columns = max(1, min(columns, len(self.entries), 3))
        self.rows = -(-len(self.entries) // self.columns)
        self.top = EDGE + LINE * len(self.title) + TIGHT * len(self.about) + 6
        self.map = self.width - LEFT - RIGHT, round((self.width - LEFT - RIGHT) * _aspect(info))
        self.foot = self.top + self.map[1] + FOOT
        below = BAR + 10 + LINE * self.rows + LINE + 10 + TIGHT * len(self.notes)
        self.height = 2 * ((self.foot + below + EDGE // 2) // 2)  # even, as a film needs it
        figure.set_size_inches(self.width / 100, self.height / 100)

    def _lines(self, text: str, size: float) -> list[str]:
        room = self.room if size > SMALL else 1.05 * self.room  # bold letters are wider
        return shortened(literal(text), room, size, 4).split("\n")

    def place(self, ax: Axes) -> None:
        """Put the map where it belongs."""
        ax.set_position(self._box(LEFT, self.top, *self.map))

    def write(self) -> None:
        """All that stands around the map."""
        y = self._block(EDGE - 4, self.title, LINE, size=NORMAL, weight="bold")
        self._block(y, self.about, TIGHT, color=SOFT)
        self._bar(self.foot)
        y = self.foot + BAR + 10
        across = self.room / self.columns
        for i, entry in enumerate(self.entries):
            self._entry(EDGE + i // self.rows * across, y + i % self.rows * LINE, entry)
        y += LINE * self.rows + 4
        self._keys(y)
        self._block(y + LINE + 6, self.notes, TIGHT, color=SOFT)

    def _block(self, y: float, lines: Sequence[str], height: float, **look: Any) -> float:
        for line in lines:
            self._text(EDGE, y, line, **look)
            y += height
        return y

    def _bar(self, y: float) -> None:
        x = float(EDGE)
        for entry in self.entries:
            self._patches(x, y, self.room * entry.share, BAR, entry.colors)
            x += self.room * entry.share

    def _entry(self, x: float, y: float, entry: Entry) -> None:
        self._patches(x, y + 1, 12, 12, entry.colors)
        self._patch(x, y + 1, 12, 12, "none", SOFT)
        self._text(x + SHARE - 8, y, _share(entry.share), ha="right")
        weight = "bold" if entry.number == BETTER else "normal"
        self._text(x + SHARE, y, entry.text, weight=weight)

    def _keys(self, y: float) -> None:
        """What shades and marks mean."""
        shades = pace(self.info.steps) if self.info.pace is None else self.info.pace
        low, high = int(np.flatnonzero(shades)[0]), len(shades) - 1
        x = float(EDGE)
        self._patches(x, y + 1, 40, 12, [color(MUTED, i / 3) for i in range(4)])
        text = f"{low} to {high} steps" if low < high else f"{low} step{'s' * (low != 1)}"
        self._text(x + 46, y, text)
        x += 46 + LETTER * len(text) + 14
        x = self._key(x, y, "o", "its own place" if len(self.info.swept) < 2 else "own places")
        if len(self.info.centers) > len(self.info.swept):
            self._key(x, y, "D", "the others")

    def _key(self, x: float, y: float, shape: str, text: str) -> float:
        place = (x + 7) / self.width, 1 - (y + 7) / self.height
        look: dict[str, Any] = {"color": BADGE, "ms": 9 if shape == "o" else 7, "ls": "none"}
        mark = Line2D(
            [place[0]], [place[1]], marker=shape, transform=self.figure.transFigure, **look
        )
        self.figure.add_artist(mark)
        self._text(x + 18, y, text)
        return x + 18 + LETTER * len(text) + 14

    def _box(self, x: float, y: float, width: float, height: float) -> Box:
        low = 1 - (y + height) / self.height
        return x / self.width, low, width / self.width, height / self.height

    def _text(self, x: float, y: float, text: str, **look: Any) -> None:
        looks: dict[str, Any] = {"color": INK, "size": SMALL, "va": "top"} | look
        self.figure.text(x / self.width, 1 - y / self.height, text, **looks)

    def _patches(
        self, x: float, y: float, width: float, height: float, fills: Sequence[str]
    ) -> None:
        for i, fill in enumerate(fills):
            self._patch(x + i * width / len(fills), y, width / len(fills), height, fill)

    def _patch(
        self, x: float, y: float, width: float, height: float, fill: str, edge: str = "none"
    ) -> None:
        left, low, wide, high = self._box(x, y, width, height)
        look: dict[str, Any] = {"fc": fill, "ec": edge, "lw": 0.5, "aa": edge != "none"}
        patch = Rectangle((left, low), wide, high, transform=self.figure.transFigure, **look)
        self.figure.add_artist(patch)


def _about(info: PortraitInfo) -> str:
    """What is seen, in a sentence or two."""
    numbers = [str(c + 1) for c in info.swept]
    who = f"Center {numbers[0]} is" if len(numbers) == 1 else f"Centers {' and '.join(numbers)} are"
    rest = len(info.centers) - len(info.swept)
    stay = ", the others stay" if rest else ""
    if info.moving is not None:
        stay = f", {info.moving + 1} goes round{', the others stay' * (rest > 1)}"
    rows, cols = info.optimum.shape
    shown = (info.optimum != CUT_OFF).any() or info.names is not None
    ends = "Color: the optimum where k-means ends, by its inertia. " * bool(shown)
    return f"{who} put everywhere ({rows} × {cols} starts){stay}. {ends}Shade: steps."


def _share(share: float) -> str:
    """A share of the plane in percent, to a tenth."""
    if 0 < share < 0.0005:
        return "<0.1\u00a0%"
    if 0.9995 <= share < 1:
        return ">99.9\u00a0%"
    return f"{100 * share:.{share < 1:d}f}\u00a0%"


def _aspect(info: PortraitInfo) -> float:
    """Height of the map by its width: one scale on both sides unless that is too flat or high."""
    x_min, x_max, y_min, y_max = info.extent
    ratio = (y_max - y_min) / (x_max - x_min)
    return min(max(ratio, 0.5), 1.2) if 1 / RATIO <= ratio <= RATIO else 0.8
