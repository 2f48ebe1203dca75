"""Three features in space: the box around them and a view of it that turns with the frames.

The view is orthographic, from a little above; the upright axis stays upright. Turned coordinates
are those of the screen: right, up, and toward the viewer.
"""

from collections.abc import Sequence
from math import cos, hypot, radians, sin, tau
from typing import NamedTuple

import numpy as np

from ..wording import apart
from .plane import RATIO, Extent, Floats

TILT = radians(22)  # of the view from above
FIRST = radians(-37)  # the angle of frame 0
TURN = radians(5)  # from one frame to the next; less where that were more than a whole turn
ACROSS, UP = 1.35, 1.2  # sides of the picture to those of the box, names stand between


class Edge(NamedTuple):
    """An edge of the box as it is seen."""

    ends: Floats  # (2, 2), places
    axis: int  # 0 to 2 of the one edge along which that axis is named, else -1


class Space(NamedTuple):
    """A box around points of three features, its longest side 2 units."""

    middle: Floats  # (3,), data units
    unit: Floats  # (3,), data units a unit: the same on all axes unless ranges differ too much
    half: Floats  # (3,), half the sides
    names: tuple[str, ...]  # of the axes, and below them their ranges

    def placed(self, points: Floats) -> Floats:
        """Points (…, 3) in units of the box, from its middle."""
        return np.asarray((points - self.middle) / self.unit)

    @property
    def extent(self) -> Extent:
        """What of the screen the box takes, however it is turned, with room for its names."""
        wide = hypot(self.half[0], self.half[1])
        high = cos(TILT) * float(self.half[2]) + sin(TILT) * wide
        wide, high = wide * ACROSS, high * UP
        return -wide, wide, -high, high

    def edges(self, angle: float) -> list[Edge]:
        """The twelve edges of the box as it is seen, and where each axis has its name."""
        corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
        seen = turned(corners * self.half, angle)
        named = {_in_front(seen, bit): axis for axis, bit in enumerate((4, 2, 1))}
        pairs = [(i, i | bit) for bit in (4, 2, 1) for i in range(8) if not i & bit]
        return [Edge(seen[[*pair], :2], named.get(pair, -1)) for pair in pairs]


def _in_front(seen: Floats, bit: int) -> tuple[int, int]:
    """The edge along an axis, by its bit in a corner's number, that hides nothing drawn."""
    edges = [(i, i | bit) for i in range(8) if not i & bit]
    side = 0 if bit == 1 else 1  # the upright axis on the left, the others at the bottom
    return min(edges, key=lambda edge: float(seen[[*edge], side].sum()))


def around(points: Floats, names: Sequence[str]) -> Space:
    """The box around points (n, 3)."""
    low, high = points.min(axis=0), points.max(axis=0)
    span = high - low
    span = np.where(span > 0, span, np.maximum(np.abs(low) / 100, span.max() or 1.0))
    same = span.max() <= RATIO * span.min()
    unit = (np.full(3, span.max()) if same else span) / 2
    said = (
        f"{name}\n{' to '.join(map(_short, apart([a, b], 3)))}"
        for name, a, b in zip(names, low.tolist(), high.tolist(), strict=True)
    )
    return Space(low + (high - low) / 2, unit, span / 2 / unit, tuple(said))


def turned(points: Floats, angle: float) -> Floats:
    """Points (…, 3) in units of the box as seen: to the right, up, toward the viewer."""
    x, y, z = np.moveaxis(points, -1, 0)
    right, away = cos(angle) * x - sin(angle) * y, sin(angle) * x + cos(angle) * y
    up, near = cos(TILT) * z + sin(TILT) * away, sin(TILT) * z - cos(TILT) * away
    return np.stack([right, up, near], axis=-1)


def turn_of(frames: int) -> float:
    """Angle from one frame to the next of a film, in radians: one whole turn at most."""
    return min(TURN, tau / max(frames, 1))


def _short(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number and "×" not in number else number
