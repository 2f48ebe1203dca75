"""A film as a player for the browser: its data in a page that loads nothing, and draws it there.

Positions are sent in units of the picture's width, so that the script knows neither the data's
scale nor its offset; arrays as base64 of little-endian numbers, labels as changes by row.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..pictures.palette import (
    ALPHA,
    DARK_ALPHA,
    DARK_PAPER,
    MARKERS,
    PALETTE,
    PAPER,
    UNASSIGNED,
    ink_on,
    mixed,
    outline,
)
from ..pictures.plane import Extent, fitted
from ..pictures.scale import Ticks, silhouette_ticks, step_ticks, ticks
from ..pictures.scene import FADED, FADES, FAR_AWAY, Scene, score_limits
from ..pictures.space import TILT, Space
from .clock import holds

SCRIPTS = ("drawing.js", "view.js", "player.js")  # in one function, a later one uses earlier ones
ASPECT = 4 / 3  # of the picture of the plane
STEPS = 1 << 16  # positions of a point from edge to edge
FAR = 1e6  # widths of the picture beyond which a center stays


@cache
def assets() -> str:
    """The style and the script that players need, once a page."""
    script = "\n".join(map(_asset, SCRIPTS))
    script = f'(() => {{\n"use strict";\n{script}}})();\n'
    return f"<style>{_asset('player.css')}</style>\n<script>{script}</script>"


def fragment(scenes: Sequence[Scene], interval_ms: int) -> str:
    """A player's markup and data, without what `assets` gives."""
    return str(_template().fragment(**_shown(scenes, interval_ms)))


def page(scenes: Sequence[Scene], interval_ms: int) -> str:
    """A whole page with one player."""
    return str(_template().page(assets=assets(), **_shown(scenes, interval_ms)))


def _asset(name: str) -> str:
    return (files("kmeans_lab.assets") / name).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset("player.html.j2")).module


def _shown(scenes: Sequence[Scene], interval_ms: int) -> dict[str, Any]:
    """What the template is filled with."""
    k = max(scene.k for scene in scenes)
    return {
        "views": [
            {
                "name": scene.name,
                "title": scene.title,
                "caption": scene.shots[0].caption,
                "plane": _told(scene),
                "space": scene.space is not None,
            }
            for scene in scenes
        ],
        "notes": [*dict.fromkeys(note for scene in scenes for note in scene.notes)],
        "legend": [*zip(range(1, k + 1), PALETTE, strict=False)] if k <= len(PALETTE) else [],
        "k": k,
        "frames": max(len(scene.shots) for scene in scenes),
        "name": " · ".join(scene.name or scene.title or "k-means" for scene in scenes),
        "data": _safe(_film(scenes, interval_ms)),
    }


def _told(scene: Scene) -> str:
    """What the picture of a scene is of."""
    if scene.space is not None:
        return ", ".join(name.replace("\n", ": ") for name in scene.space.names)
    return f"{scene.axes[1] or 'the points'} against {scene.axes[0]}"


def _safe(data: Any) -> str:
    """JSON that ends no script and starts no markup, whatever the names in it."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text  # letters beyond ASCII, U+2028 among them, are escaped by json


def _film(scenes: Sequence[Scene], interval_ms: int) -> dict[str, Any]:
    return {
        "interval": interval_ms,
        "holds": holds(interval_ms),
        "markers": "".join(MARKERS),
        "light": _look(PAPER, ALPHA),
        "dark": _look(DARK_PAPER, DARK_ALPHA),
        "scenes": [_scene(scene, scenes) for scene in scenes],
    }


def _look(paper: str, alpha: float) -> dict[str, Any]:
    colors = [*PALETTE, UNASSIGNED]  # the last is that of no cluster
    return {
        "colors": colors,
        "edges": [outline(color, paper, alpha) for color in colors],
        "tints": [mixed(color, paper, alpha) for color in PALETTE],
        "inks": [ink_on(color) for color in PALETTE],
    }


def _scene(scene: Scene, scenes: Sequence[Scene]) -> dict[str, Any]:
    extent = fitted(scene.extent, ASPECT)
    last = max(1, *(len(each.scores) for each in scenes))
    low, high = score_limits(scenes)
    return {
        "k": scene.k,
        "numbers": scene.numbers,
        "radius": round(scene.radius, 2),
        "height": (extent[3] - extent[2]) / (extent[1] - extent[0]),  # of the plane, in widths
        **_places(scene, extent),
        "labels": _changes(scene.labels),
        "shots": [[shot.labels, shot.centers, shot.scores] for shot in scene.shots],
        "captions": [shot.caption for shot in scene.shots],
        "card": scene.card,
        "verdict": scene.verdict,
        "fades": [FADES, FADED],
        "scores": _known(scene.scores),
        "unscored": scene.unscored,
        "step": _axis("step", step_ticks(last), 0.5, last + 0.5),
        "score": _axis(scene.score_name, silhouette_ticks(low, high), low, high),
        "limits": [0.5, last + 0.5, low, high],
        "inertia": [value if np.isfinite(value) else None for value in scene.inertia.tolist()],
        "best": scene.best if np.isfinite(scene.best) else None,
    }


def _places(scene: Scene, extent: Extent) -> dict[str, Any]:
    """Points, centers and axes of a plane, or of a space."""
    x_min, x_max, y_min, y_max = extent
    width, height = x_max - x_min, y_max - y_min
    if scene.space is not None:
        points = (scene.points / scene.space.half + 1) / 2
        centers, offsets = scene.centers.clip(-FAR, FAR), scene.offsets
    else:
        points = (scene.points - [x_min, y_min]) / [width, height]
        centers = ((scene.centers - [x_min, y_min]) / width).clip(-FAR, FAR)
        offsets = scene.offsets / width / width
    across, up = ticks(x_min, x_max, 8), ticks(y_min, y_max, 7)
    if scene.space is not None or scene.flat:
        up = Ticks([], [], "")
    if scene.space is not None:
        across = up
    return {
        "points": _packed((points * (STEPS - 1)).round(), "<u2"),
        "centers": _packed(centers, "<f4"),
        "offsets": _packed((offsets - _lowest(offsets)).clip(0, FAR), "<f4"),
        "x": _axis(scene.axes[0], across, x_min, x_max),
        "y": _axis(scene.axes[1], up, y_min, y_max),
        "space": None if scene.space is None else _space(scene, scene.space, extent),
    }


def _space(scene: Scene, space: Space, extent: Extent) -> dict[str, Any]:
    return {
        "half": space.half.tolist(),
        "names": space.names,
        "first": scene.angle(0),
        "turn": scene.turn,
        "tilt": TILT,
        "left": extent[0],
        "bottom": extent[2],
        "width": extent[1] - extent[0],
        "far": FAR_AWAY,
    }


def _known(values: NDArray[np.float64]) -> list[float | None]:
    return [round(value, 4) if np.isfinite(value) else None for value in values.tolist()]


def _lowest(offsets: NDArray[np.float64]) -> NDArray[np.float64]:
    """The smallest offset of each row: only their differences count, and float32 keeps those."""
    known = np.where(np.isfinite(offsets), offsets, np.inf)
    return np.asarray(known.min(axis=1, keepdims=True))


def _changes(labels: NDArray[np.int32]) -> list[str]:
    """For each row, the places that differ from the row before, and their labels plus 1."""
    before = np.vstack([np.full_like(labels[:1], -1), labels[:-1]])
    rows = []
    for now, old in zip(labels, before, strict=True):
        places = np.flatnonzero(now != old)
        rows.append(_packed(np.concatenate([places, now[places] + 1]), "<u2"))
    return rows


def _packed(values: ArrayLike, kind: str) -> str:
    return b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode("ascii")


def _axis(name: str, marks: Ticks, low: float, high: float) -> dict[str, Any]:
    """An axis's name and its ticks, each a place from 0 to 1 and a label."""
    places = [round((position - low) / (high - low), 5) for position in marks.positions]
    return {"name": name + marks.suffix, "ticks": [*zip(places, marks.labels, strict=True)]}
