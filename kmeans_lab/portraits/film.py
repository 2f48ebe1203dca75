"""A portrait in motion: another first center goes round the data and comes back to its place."""

import html
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import files
from ..errors import SpecError
from ..film import encode
from ..pictures.alts import alt
from ..pictures.canvas import dress
from ..pictures.figures import draw
from ..pictures.portrait import PortraitInfo, names_of, notes_of, pace, share_without, tiers
from .field import Field, Floats

FRAMES = 48  # by default
FINE = 150  # cells on each side, by default at most
WIDTH = 6.2  # inches
INTERVAL = 90  # ms a frame
SAMPLES = 5  # frames from which a GIF's colors are taken


def way(points: Floats, place: Floats, frames: int) -> Floats:
    """Places (frames, 2) on a closed way from `place` (2,) about the middle of `points` (n, 2).

    An ellipse of the points' proportions, at least one standard deviation wide; it begins at
    `place`, and where that is near the middle it goes round from there.
    """
    middle, scale = points.mean(axis=0), points.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    x, y = (place - middle) / scale
    away, angle = float(np.hypot(x, y)), float(np.arctan2(y, x))
    radius = max(away, 1.0)
    turn = angle + 2 * np.pi * np.arange(frames) / frames
    ring = radius * np.stack([np.cos(turn) - np.cos(angle), np.sin(turn) - np.sin(angle)], axis=1)
    return np.asarray(place + scale * ring)


def moved(where: Field, other: int, place: Floats) -> Field:
    """The field with center `other` at a place (2,) of the plane, what is off it unchanged."""
    step = place - where.centers[other]
    base, centers = where.base.copy(), where.centers.copy()
    if where.flat:  # both sides are the one feature
        step[1] = step[0]
        base[other] += step[0]
    else:
        base[other] += step[0] * where.across.sum(axis=0) + step[1] * where.up.sum(axis=0)
    centers[other] += step
    return where._replace(base=base, centers=centers)


@dataclass(frozen=True)
class PortraitFilm:
    """The portraits of a film, one a frame, with one legend and one scale of steps for all."""

    infos: Sequence[PortraitInfo]

    @classmethod
    def of(cls, infos: Sequence[PortraitInfo], other: int) -> "PortraitFilm":
        """The film of portraits in which center `other`, from 0, goes round."""
        optimum, reached = (
            np.concatenate(part)
            for part in zip(*((i.optimum, i.reached) for i in infos), strict=True)
        )
        every = infos[0]._replace(optimum=optimum, reached=reached, stopped={})
        shared: dict[str, Any] = {
            "names": names_of(every),
            "notes": notes_of(every),
            "path": np.array([info.centers[other] for info in infos]),
            "moving": other,
            "pace": pace(np.concatenate([info.steps for info in infos])),
            "tiers": tiers(every),
            "filled": share_without(every),
        }
        return cls([info._replace(**shared) for info in infos])

    def __len__(self) -> int:
        return len(self.infos)

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """The frames, each (height, width, 4) RGBA; both sides are even."""
        return map(self.frame, range(len(self)))

    def frame(self, i: int) -> NDArray[np.uint8]:
        """Frame i, from 0."""
        canvas: Any = dress(draw(self.infos[i], (WIDTH, WIDTH))).canvas
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height, in pixels."""
        height, width = self.frame(0).shape[:2]
        return width, height

    def gif(self) -> bytes:
        """The film as a GIF that loops."""
        some = np.unique(np.linspace(0, len(self) - 1, SAMPLES).astype(int)).tolist()
        return encode.gif(self, map(self.frame, some), [INTERVAL] * len(self))

    def mp4(self) -> bytes:
        """The film as an H.264 video. Raises RunError where the encoder is missing or fails."""
        return encode.mp4(self, self.size, INTERVAL)

    def save(self, path: str | Path) -> Path:
        """Write the film whole or not at all, as what the suffix says: gif or mp4.

        Raises SpecError for another suffix, RunError where it cannot be encoded, OSError where it
        cannot be written.
        """
        path = Path(path)
        make = {".gif": self.gif, ".mp4": self.mp4}.get(path.suffix.lower())
        if make is None:
            raise SpecError(f"{path.name}: no portrait film's format; allowed: .gif, .mp4")
        files.write(path, make())
        return path

    def _repr_html_(self) -> str:
        shown = b64encode(self.gif()).decode()
        return f'<img alt="{html.escape(self.alt)}" src="data:image/gif;base64,{shown}">'

    @property
    def alt(self) -> str:
        """What the film shows, in words."""
        other = (self.infos[0].moving or 0) + 1
        return f"Film of {len(self)} portraits, center {other} goes round. {alt(self.infos[0])}"
