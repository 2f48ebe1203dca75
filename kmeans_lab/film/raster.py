"""A film's frames as pixels: what stands still is drawn once, backgrounds pixel by pixel."""

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray

from ..pictures.palette import ALPHA, INK, PALETTE, PAPER, SCORE, SOFT, UNASSIGNED, mixed, outline
from ..pictures.scene import Scene
from .panels import PlanePanel
from .stage import Stage

Pixels = NDArray[np.uint8]


class Raster:
    """The frames of a film, each (height, width, 4) RGBA; both sides are even."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.stage = Stage(scenes)
        tints = [*(mixed(color, PAPER, ALPHA) for color in PALETTE), PAPER]
        marks = [*PALETTE, UNASSIGNED]
        looks = [*tints, *marks, *map(outline, marks), INK, SOFT, SCORE, "#000000"]
        self.colors = [_rgb(color) for color in looks]  # all that mean something
        self.tints = np.array([(*_rgb(tint), 255) for tint in tints], np.uint8)
        canvas: Any = FigureCanvasAgg(self.stage.figure)
        for artist in (*self.stage.show(0), *(plane.ground for plane in self.stage.planes)):
            artist.set_animated(True)  # left out of a whole drawing
        canvas.draw()
        self.canvas = canvas
        self.pixels: Pixels = np.asarray(canvas.buffer_rgba())
        self.still = self.pixels.copy()
        self.boxes = [self._box(plane) for plane in self.stage.planes]
        self.drawn: dict[int, Hashable] = {}  # what the cells show, by their numbers

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def __len__(self) -> int:
        return self.stage.frames

    def __iter__(self) -> Iterator[Pixels]:
        """The frames one by one, in the same memory; a copy is the taker's to make."""
        return map(self.frame, range(len(self)))

    def frame(self, i: int) -> Pixels:
        """Frame i, valid until the next one is asked for."""
        self.stage.put(i)
        planes = {id(plane): j for j, plane in enumerate(self.stage.planes)}
        renderer = self.canvas.get_renderer()
        for number, cell in enumerate(self.stage.cells):
            key = cell.key(i)
            if number in self.drawn and self.drawn[number] == key:
                continue
            left, top, right, bottom = cell.box
            self.pixels[top:bottom, left:right] = self.still[top:bottom, left:right]
            if (j := planes.get(id(cell.panels[0]))) is not None:
                self._tint(j, i)
            for artist in cell.moving:
                artist.draw(renderer)
            self.drawn[number] = key
        return self.pixels

    def _tint(self, j: int, i: int) -> None:
        """The background of scene j in frame i."""
        part = self.pixels[self.boxes[j]]
        grid = self.stage.planes[j].grid(self.stage.scenes[j].shot(i), part.shape[:2])
        if grid is not None:
            part[:] = self.tints[grid[::-1]]  # pixels have row 0 on top

    def _box(self, plane: PlanePanel) -> tuple[slice, slice]:
        """The pixels inside a panel's axes, without those of the two spines."""
        box = plane.ax.bbox
        left, right = round(box.x0) + 1, round(box.x1)
        top, bottom = round(self.size[1] - box.y1), round(self.size[1] - box.y0) - 1
        return slice(top, bottom), slice(left, right)


def _rgb(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color[1:]))
